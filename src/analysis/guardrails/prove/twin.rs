//! Policies of the first name space, as they would read in today's.
//!
//! Atlas asks about a cluster in both name spaces, with the same facts, and a `forbid` in either is enough. A solver
//! knows one request at a time: so what a policy says of the first name space's request is said of today's, with the
//! names of the two exchanged.

use std::sync::Arc;

use cedar_policy::PolicySet;
use cedar_policy::pst::{
    ActionConstraint, Clause, EntityOrSlot, EntityType, EntityUID, Expr, Literal, Name, ResourceConstraint, Template,
    Var,
};

use super::super::reads::scope;
use super::super::vocabulary::{Action, LEGACY, LEGACY_CLUSTER, LEGACY_PROJECT, TODAY};
use super::unexpected;

/// What a policy says of today's request, and what it says of the twin, where it says anything.
pub(super) fn readings(action: Action, body: &str) -> Result<Vec<Template>, String> {
    let parsed: PolicySet = body.parse().map_err(|error| unexpected(&error))?;
    let policy = parsed.policies().next().ok_or("it holds no policy")?;
    let template = policy.to_pst().map_err(|error| unexpected(&error))?.body().clone();
    let of_twin = action.legacy_id().filter(|id| {
        scope(&template)
            .is_none_or(|named| named.iter().any(|uid| uid.ty.to_string() == "cloud::Action" && uid.eid == *id))
    });
    let twin = of_twin.map(|_| exchanged(action, &template)).transpose()?;
    Ok(std::iter::once(template).chain(twin).collect())
}

fn exchanged(action: Action, template: &Template) -> Result<Template, String> {
    let exchange = Exchange { action };
    let slot = |entity: &EntityOrSlot| -> Result<EntityOrSlot, String> {
        Ok(match entity {
            EntityOrSlot::Entity(uid) => EntityOrSlot::Entity(Exchange::uid(uid)?),
            slot @ EntityOrSlot::Slot(_) => slot.clone(),
        })
    };
    let actions = match &template.action {
        ActionConstraint::Any => ActionConstraint::Any,
        ActionConstraint::Eq(uid) => ActionConstraint::Eq(Exchange::uid(uid)?),
        ActionConstraint::In(uids) => ActionConstraint::In(uids.iter().map(Exchange::uid).collect::<Result<_, _>>()?),
    };
    let resource = match &template.resource {
        ResourceConstraint::Any => ResourceConstraint::Any,
        ResourceConstraint::Eq(entity) => ResourceConstraint::Eq(slot(entity)?),
        ResourceConstraint::In(entity) => ResourceConstraint::In(slot(entity)?),
        ResourceConstraint::Is(ty) => ResourceConstraint::Is(Exchange::ty(ty)?),
        ResourceConstraint::IsIn(ty, entity) => ResourceConstraint::IsIn(Exchange::ty(ty)?, slot(entity)?),
    };
    let clauses = template
        .clauses()
        .iter()
        .map(|clause| {
            Ok(match clause {
                Clause::When(condition) => Clause::When(exchange.expr(condition)?),
                Clause::Unless(condition) => Clause::Unless(exchange.expr(condition)?),
            })
        })
        .collect::<Result<Vec<_>, String>>()?;
    Template::new(template.id.clone(), template.effect, template.principal.clone(), actions, resource)
        .try_with_clauses(clauses)
        .map_err(|error| unexpected(&error))
}

struct Exchange {
    action: Action,
}

/// Types that both name spaces have, and the two actions that ask the same.
const TYPES: [(&str, &str); 6] = [
    ("User", "user"),
    ("Project", "project"),
    ("Cluster", "cluster"),
    ("CloudProvider", "cloudProvider"),
    ("Region", "region"),
    ("Action", "Action"),
];

impl Exchange {
    fn ty(ty: &EntityType) -> Result<EntityType, String> {
        let text = ty.to_string();
        let of = |name_space: &str| text.strip_prefix(name_space).and_then(|rest| rest.strip_prefix("::"));
        let other = match (of(TODAY), of(LEGACY)) {
            (Some(name), _) => TYPES.iter().find(|(today, _)| *today == name).map(|(_, first)| (LEGACY, *first)),
            (_, Some(name)) => TYPES.iter().find(|(_, first)| *first == name).map(|(today, _)| (TODAY, *today)),
            _ => None,
        };
        let Some((name_space, name)) = other else { return Ok(ty.clone()) };
        let name = Name::qualified([name_space], name).map_err(|error| unexpected(&error))?;
        Ok(EntityType::from_name(name))
    }

    fn uid(uid: &EntityUID) -> Result<EntityUID, String> {
        let ty = Self::ty(&uid.ty)?;
        let pairs = [(Action::Cluster.id(), LEGACY_CLUSTER), (Action::AccessList.id(), LEGACY_PROJECT)];
        let eid = if uid.ty.to_string().ends_with("::Action") {
            let other = pairs.iter().find_map(|(today, first)| match uid.eid.as_str() {
                id if id == *today => Some(*first),
                id if id == *first => Some(*today),
                _ => None,
            });
            match other {
                Some(other) => other.into(),
                // The other name space has no such action.
                None => return Ok(uid.clone()),
            }
        } else {
            uid.eid.clone()
        };
        Ok(EntityUID { ty, eid })
    }

    fn expr(&self, expression: &Arc<Expr>) -> Result<Arc<Expr>, String> {
        Ok(Arc::new(match &**expression {
            Expr::Literal(Literal::EntityUID(uid)) => Expr::Literal(Literal::EntityUID(Self::uid(uid)?)),
            other @ (Expr::Literal(_) | Expr::Var(_)) => other.clone(),
            Expr::UnaryOp { op, expr } => Expr::UnaryOp { op: *op, expr: self.expr(expr)? },
            Expr::BinaryOp { op, left, right } => {
                Expr::BinaryOp { op: *op, left: self.expr(left)?, right: self.expr(right)? }
            }
            Expr::GetAttr { expr, attr } => Expr::GetAttr { expr: self.expr(expr)?, attr: attr.clone() },
            // Today's request has more attributes.
            Expr::HasAttr { expr, attrs } => {
                let mut path =
                    below_context(expr).ok_or("it asks for attributes of something other than the context")?;
                path.extend(attrs.iter().map(ToString::to_string));
                Expr::Literal(Literal::Bool(self.has(&path.join("."))))
            }
            Expr::Like { expr, pattern } => Expr::Like { expr: self.expr(expr)?, pattern: pattern.clone() },
            Expr::Is { expr, entity_type, in_expr } => Expr::Is {
                expr: self.expr(expr)?,
                entity_type: Self::ty(entity_type)?,
                in_expr: in_expr.as_ref().map(|within| self.expr(within)).transpose()?,
            },
            Expr::IfThenElse { cond, then_expr, else_expr } => Expr::IfThenElse {
                cond: self.expr(cond)?,
                then_expr: self.expr(then_expr)?,
                else_expr: self.expr(else_expr)?,
            },
            Expr::Set(members) => Expr::Set(members.iter().map(|member| self.expr(member)).collect::<Result<_, _>>()?),
            Expr::Record(members) => Expr::Record(
                members
                    .iter()
                    .map(|(name, member)| Ok((name.clone(), self.expr(member)?)))
                    .collect::<Result<_, String>>()?,
            ),
            _ => return Err("it uses a construct that this version does not know".to_owned()),
        }))
    }

    /// Whether the first name space's request has this attribute.
    fn has(&self, path: &str) -> bool {
        match self.action {
            Action::Cluster => ["cluster", "cluster.cloudProviders", "cluster.regions"].contains(&path),
            _ => ["project", "project.ipAccessList"].contains(&path),
        }
    }
}

/// The names behind `context`, where an expression is nothing but those.
fn below_context(expression: &Expr) -> Option<Vec<String>> {
    match expression {
        Expr::Var(Var::Context) => Some(Vec::new()),
        Expr::GetAttr { expr, attr } => {
            let mut path = below_context(expr)?;
            path.push(attr.to_string());
            Some(path)
        }
        _ => None,
    }
}
