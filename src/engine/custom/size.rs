//! How large an expression may be. It is parsed, checked and judged by functions that call themselves, once for each
//! part within a part: the stack bounds how deep that can go.

use super::check::Fault;

/// Bytes of an expression.
const LONGEST: usize = 16_000;
/// Operators, outside of texts and comments.
const MOST_OPERATORS: usize = 500;
/// Brackets within brackets.
const DEEPEST: usize = 50;

/// Refuses what is too large to be judged.
pub(super) fn check(source: &str) -> Result<(), Fault> {
    let fault = |what: String, offset| Err(Fault { what, nearest: None, offset });
    if source.len() > LONGEST {
        let what =
            format!("the expression is {} bytes long, and {LONGEST} are allowed: make it several rules", source.len());
        return fault(what, 0);
    }
    let bytes = source.as_bytes();
    let (mut operators, mut open, mut at) = (0_usize, 0_usize, 0_usize);
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        match byte {
            b'"' | b'\'' => {
                let raw = at > 0 && matches!(bytes[at - 1], b'r' | b'R');
                at += text(rest, raw).unwrap_or(1);
                continue;
            }
            b'/' if rest.starts_with(b"//") => {
                at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                continue;
            }
            b'(' | b'[' | b'{' => {
                open += 1;
                if open > DEEPEST {
                    return fault(
                        format!("more than {DEEPEST} brackets within one another: make it several rules"),
                        at,
                    );
                }
            }
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            // `in`, the only operator that is a word.
            b'i' if is_in(bytes, at) => operators += 1,
            _ => {}
        }
        if b"+-*/%<>=!&|?:.([{".contains(byte) {
            // Two characters of one operator count once.
            let second = at > 0 && b"=&|".contains(byte) && b"<>=!&|".contains(&bytes[at - 1]);
            operators += usize::from(!second);
        }
        if operators > MOST_OPERATORS {
            return fault(format!("more than {MOST_OPERATORS} operators: make it several rules"), at);
        }
        at += 1;
    }
    Ok(())
}

/// How long a text is that begins here; none if it does not end.
fn text(bytes: &[u8], raw: bool) -> Option<usize> {
    let quote = *bytes.first()?;
    let end: &[u8] = if bytes.starts_with(&[quote; 3]) { &[quote; 3] } else { &[quote] };
    let mut at = end.len();
    while at < bytes.len() {
        if bytes[at..].starts_with(end) {
            return Some(at + end.len());
        }
        match bytes[at] {
            b'\\' if !raw => at += 2,
            b'\n' if end.len() == 1 => return None,
            _ => at += 1,
        }
    }
    None
}

fn is_in(bytes: &[u8], at: usize) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    bytes[at..].starts_with(b"in")
        && !is_word(at.checked_sub(1).and_then(|at| bytes.get(at)))
        && !is_word(bytes.get(at + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_counted_outside_of_texts() {
        let of = |part: &str, times: usize| check(&part.repeat(times)).is_ok();
        for (part, most) in [("1+", 500), ("a && ", 500), ("!", 500), ("a in ", 500), ("x.", 500), ("()", 500)] {
            assert!(of(part, most), "{part}");
            assert!(!of(part, most + 1), "{part}");
        }
        assert!(of("'+-+-' 'it\\'s + + +' \"\"\"a ' + \n + \"\"\" r'\\' // + + +\n", 200));
        assert!(!of("a", LONGEST + 1) && of("a", LONGEST) && of("begin ", 1000));
        assert!(!of("(", DEEPEST + 1) && of("(", DEEPEST));
        // A quote that nothing ends hides nothing.
        assert!(check(&format!("'\n{}", "1+".repeat(501))).is_err());
    }
}
