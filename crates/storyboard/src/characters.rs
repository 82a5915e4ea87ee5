//! Characters of any script: which may be shown, how wide each is at most, and what it does to a line.

/// Whether a character may be shown at all.
pub(super) fn is_printable(char: char) -> bool {
    let reorders = matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let noncharacter =
        matches!(char, '\u{fdd0}'..='\u{fdef}') || u32::from(char) & 0xfffe == 0xfffe;
    !(char.is_control() || reorders || noncharacter)
}

/// Widest advance among Arial, Georgia and `DejaVu`, in em; what they lack counts as wide.
pub(super) fn em(char: char) -> f64 {
    match char {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.4,
        't' | 'f' => 0.45,
        'r' | '(' | ')' | '[' | ']' | '-' | '"' | '/' | '\\' | '`' | '’' | '‘' | '“' | '”' => {
            0.5
        }
        'm' | 'M' | 'W' | '@' | '%' | '—' | '…' => 1.05,
        'w' | '&' | 'Q' | 'O' | 'G' | 'D' | 'H' | 'N' | 'U' => 0.9,
        'a' | 'c' | 'e' | 'k' | 'o' | 's' | 'v' | 'x' | 'y' | 'z' => 0.61,
        'a'..='z' | '0'..='9' => 0.66,
        '\u{20}'..='\u{7f}' => 0.85,
        '\u{80}'..='\u{24f}' => 0.95,
        '\u{2e80}'..='\u{ffff}' => 1.0,
        '\u{1f000}'..='\u{1faff}' => 1.4,
        _ => 1.1,
    }
}

/// Signs as wide as they are tall, between which a line may end.
pub(super) fn is_ideograph(char: char) -> bool {
    matches!(char, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}

/// Signs that must not begin a line.
pub(super) fn is_closing(char: char) -> bool {
    "、。，．！？：；」』）】》ーっゃゅょ!?,.)…".contains(char)
}

/// Signs that must not end a line.
pub(super) fn is_opening(char: char) -> bool {
    "「『（【《(“‘".contains(char)
}

/// Combining marks, joiners, variation selectors and skin tones of the scripts in common use.
pub(super) fn is_mark(char: char) -> bool {
    matches!(char,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6ed}'
        | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{962}'..='\u{963}' | '\u{981}'..='\u{983}'
        | '\u{9bc}'..='\u{9d7}' | '\u{a01}'..='\u{a03}' | '\u{a3c}'..='\u{a51}' | '\u{abc}'..='\u{acd}'
        | '\u{b3c}'..='\u{b57}' | '\u{bbe}'..='\u{bd7}' | '\u{c3e}'..='\u{c56}' | '\u{cbc}'..='\u{cd6}'
        | '\u{d3b}'..='\u{d57}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{200c}'..='\u{200f}' | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}
