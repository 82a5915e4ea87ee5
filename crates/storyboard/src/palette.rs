//! The seven colours of which a frame is mixed.

use super::color::Color;
use super::scenery::{Hour, Setting, Weather};
use super::seed::Dice;
use super::style::Style;

/// The colours of one frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    /// The sky at the top, in the middle and at the horizon.
    pub(super) sky: [Color; 3],
    /// Sun or moon, and what they shine on.
    pub(super) light: Color,
    /// The nearest, darkest layer.
    pub(super) near: Color,
    /// Windows, lamps and fire.
    pub(super) accent: Color,
    /// The one thing that may stand out: a sail, a roof, a scarf.
    pub(super) spot: Color,
}

/// Sky top, middle and horizon, light, near, accent, spot.
type Row = [u32; 7];

/// Reads seven colours of six digits; anything else does not compile.
const fn row(text: &str) -> Row {
    let (text, mut colors, mut at) = (text.as_bytes(), [0; 7], 0);
    assert!(text.len() == 48, "seven colours and six spaces");
    while at < text.len() {
        if at % 7 == 6 {
            assert!(text[at] == b' ', "a space between two colours");
        } else {
            let digit = (text[at] as char).to_digit(16);
            colors[at / 7] = colors[at / 7] << 4 | digit.expect("a hexadecimal digit");
        }
        at += 1;
    }
    colors
}

const CINEMATIC: [[Row; 2]; 4] = [
    [
        row("3b4a7a c58aa5 ffd3a8 fff3d6 2a2745 ffc07a e25c4d"),
        row("3f66a0 e59aa0 ffe3b8 fffbe6 1f2e4b ffc98a d95d4e"),
    ],
    [
        row("2a78bd 7cc0e8 e4f3ee fffbe8 174540 ffd27a e85d3f"),
        row("2f86b4 93d2de fdf3d8 fff9e0 225036 ffd98a e96a3c"),
    ],
    [
        row("2a1f4e b2456e ff9a56 ffe9b0 1a112c ffd27a f05a4a"),
        row("1f2a55 7c4d8b f6a06b ffe0a3 13162e ffc96b e86a4e"),
    ],
    [
        row("060a24 142552 3f6196 f8f3d8 050a1a ffca62 c94f4f"),
        row("081226 103a55 358390 eefff2 041119 ffd27a d05a48"),
    ],
];
const WATERCOLOR: [Row; 4] = [
    row("7fa3c7 e7b8b0 fbe6cf fff1cf 435273 f2b25f d0604a"),
    row("589dcd a3d0e2 f3f3e3 fff0c0 346355 f0b04f d25a41"),
    row("665b96 d38a94 f9cf9c ffecc0 383459 f3b257 cf5546"),
    row("2a3a6b 5670a4 b0c0d8 fdf6df 1e2a4a f3bf62 c25a50"),
];
const NOIR: [Row; 4] = [
    row("1d1f24 5a5e66 c3c7cb fbfbf6 08090b f3ecd4 b31526"),
    row("35383e 7d8189 d7d9da ffffff 0b0c0e f3ecd4 b31526"),
    row("0e0f13 3a3d45 a0a4a8 f6f6f0 050507 f3ecd4 b31526"),
    row("050609 1f2229 6d737b f4f4ee 020203 f7efd2 b31526"),
];
const PAPERCUT: [Row; 4] = [
    row("f6b8a0 f9d0b0 fde8cc fff8e4 7a3b4f ffd166 e05a47"),
    row("7cc6c3 a9dcd0 e2f1dc fff6d8 1e5b5e ffc857 e86b45"),
    row("c84b4b e87f52 f8c27a ffedc4 471f3f ffd166 f0e0c0"),
    row("1b2a4e 2f4778 5d7fae fff4d2 0d1730 ffcb62 e26a52"),
];
const RETRO: [Row; 4] = [
    row("f0b94a f39a5b fbe3bd fff2d2 2d3047 ffdd8c d1495b"),
    row("3f9a9a 8fc9b4 f6e7c1 f4a259 1f4e5f ffd98a d1495b"),
    row("7a2e3a d8572a f7b538 fbe5b0 2b1a2f ffd166 2f8f8a"),
    row("14213d 264653 2a9d8f f1e3b4 0d1626 f4a261 e76f51"),
];
const INK: [Row; 4] = [
    row("d9d1c0 e9e2d3 f4eee1 f8f4ea 1d1c22 f0c777 b5362b"),
    row("e4dfd2 eee9dd f6f1e6 fbf8f0 1d1c22 f0c777 b5362b"),
    row("bdb3a6 dcd2c2 f2e9d9 f8f2e4 1d1c22 f0c777 b5362b"),
    row("57585f 9b9995 e2dccf fbf8ee 16161b f4cf83 b5362b"),
];
const PASTEL: [Row; 4] = [
    row("c3b1e6 f6c2d0 ffe8d1 fffdf4 8473a6 ffe3a3 f48a8a"),
    row("9fd3ec c9e9f0 fff6e0 fffdf0 6c9f98 ffe09a f79a98"),
    row("ab94da f3a9c1 ffd3b4 fff6df 6f5f96 ffe0a0 ff8f9c"),
    row("5c5f98 8f86be d6bfe0 fffbe4 424070 ffdda0 f79aa6"),
];
const NEON: [Row; 2] = [
    row("0d0221 410f86 f72585 ffd166 0a0118 4ce0f0 ff3fa4"),
    row("030d26 0b3c7d 1fc7c7 ff8fd0 020a18 ff4fa8 5cf2e3"),
];
const COMIC: [Row; 4] = [
    row("6a8de8 ffa9b5 ffe29a fff5c8 3a2f63 ffd84d ee3e3e"),
    row("1f9be8 74cdf7 e6f7ff ffe14d 177a4c ffd84d ee3e3e"),
    row("6b2fa0 f05a7e ffb53f ffef8a 381a55 ffd84d 1fb6d8"),
    row("101f5c 26489c 5f93dd fff6c4 0b1640 ffd84d ee3e3e"),
];

impl Palette {
    /// The colours for a style at an hour; `own_words` is the style's text when it names no style we know.
    pub(super) fn of(style: Style, own_words: Option<&str>, hour: Hour, dice: &mut Dice) -> Self {
        if let Some(words) = own_words {
            return Self::from_words(words, hour);
        }
        let at = hour as usize;
        Self::from_row(match style {
            Style::Cinematic => dice.pick(CINEMATIC[at][0], &CINEMATIC[at][1..]),
            Style::Watercolor => WATERCOLOR[at],
            Style::Noir => NOIR[at],
            Style::Papercut => PAPERCUT[at],
            Style::Retro => RETRO[at],
            Style::Ink => INK[at],
            Style::Pastel => PASTEL[at],
            Style::Neon => dice.pick(NEON[0], &NEON[1..]),
            Style::Comic => COMIC[at],
        })
    }

    /// The same palette, tinted by the place and dulled by the weather.
    pub(super) fn seen(mut self, style: Style, setting: Setting, weather: Weather) -> Self {
        if style.is_colourful() {
            if let Some((tint, share)) = setting.tint() {
                self.near = self.near.mix(Color::hex(tint), share);
            }
            let dulled = weather.dulls();
            self.sky = self
                .sky
                .map(|color| color.faded(dulled).mix(Color::hex(0x4a_5568), dulled / 3.0));
            self.near = self.near.faded(dulled / 2.0);
        }
        self
    }

    /// What distance fades into.
    pub(super) fn haze(&self) -> Color {
        self.sky[2].mix(self.sky[1], 0.4)
    }

    /// The colour of a layer: 0 is the horizon, 1 is at our feet.
    pub(super) fn shade(&self, depth: f64) -> Color {
        self.haze().mix(self.near, depth)
    }

    fn from_row([top, middle, horizon, light, near, accent, spot]: Row) -> Self {
        Self {
            sky: [top, middle, horizon].map(Color::hex),
            light: Color::hex(light),
            near: Color::hex(near),
            accent: Color::hex(accent),
            spot: Color::hex(spot),
        }
    }

    /// Neighbouring hues for sky and land, the opposite one for what stands out.
    fn from_words(words: &str, hour: Hour) -> Self {
        let mut dice = Dice::of(&["palette", words]);
        let hue = dice.unit();
        let step = dice.between(0.06, 0.14) * dice.pick(1.0, &[-1.0]);
        let strength = dice.between(0.4, 0.75);
        let (top, horizon, near) = match hour {
            Hour::Dawn => (0.52, 0.84, 0.22),
            Hour::Day => (0.55, 0.92, 0.24),
            Hour::Dusk => (0.26, 0.70, 0.12),
            Hour::Night => (0.09, 0.42, 0.06),
        };
        let hsl = Color::from_hsl;
        Self {
            sky: [
                hsl(hue, strength, top),
                hsl(hue + step, strength, f64::midpoint(top, horizon)),
                hsl(hue + 2.0 * step, strength, horizon),
            ],
            light: hsl(hue + 2.0 * step, 0.9, 0.93),
            near: hsl(hue - step, strength * 0.7, near),
            accent: hsl(0.12, 1.0, 0.7),
            spot: hsl(hue + 0.5, 0.7, 0.55),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Palette;
    use crate::scenery::Hour;

    #[test]
    fn an_unknown_style_gets_a_palette_of_its_own() {
        let sky = |words| Palette::from_words(words, Hour::Day).sky[0].to_string();

        assert_eq!(sky("clockwork jungle"), sky("clockwork jungle"));
        assert_ne!(sky("clockwork jungle"), sky("velvet volcano"));
    }

    #[test]
    fn nearer_layers_are_darker_at_every_hour() {
        for hour in [Hour::Dawn, Hour::Day, Hour::Dusk, Hour::Night] {
            let palette = Palette::from_words("any", hour);
            assert!(palette.shade(1.0).brightness() < palette.shade(0.2).brightness());
        }
    }
}
