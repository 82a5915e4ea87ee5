//! The seven colours of which a frame is mixed.

use super::color::Color;
use super::composition::{Hour, Setting, Weather};
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

const CINEMATIC: [[Row; 2]; 4] = [
    [
        [
            0x3b_4a7a, 0xc5_8aa5, 0xff_d3a8, 0xff_f3d6, 0x2a_2745, 0xff_c07a, 0xe2_5c4d,
        ],
        [
            0x3f_66a0, 0xe5_9aa0, 0xff_e3b8, 0xff_fbe6, 0x1f_2e4b, 0xff_c98a, 0xd9_5d4e,
        ],
    ],
    [
        [
            0x2a_78bd, 0x7c_c0e8, 0xe4_f3ee, 0xff_fbe8, 0x17_4540, 0xff_d27a, 0xe8_5d3f,
        ],
        [
            0x2f_86b4, 0x93_d2de, 0xfd_f3d8, 0xff_f9e0, 0x22_5036, 0xff_d98a, 0xe9_6a3c,
        ],
    ],
    [
        [
            0x2a_1f4e, 0xb2_456e, 0xff_9a56, 0xff_e9b0, 0x1a_112c, 0xff_d27a, 0xf0_5a4a,
        ],
        [
            0x1f_2a55, 0x7c_4d8b, 0xf6_a06b, 0xff_e0a3, 0x13_162e, 0xff_c96b, 0xe8_6a4e,
        ],
    ],
    [
        [
            0x06_0a24, 0x14_2552, 0x3f_6196, 0xf8_f3d8, 0x05_0a1a, 0xff_ca62, 0xc9_4f4f,
        ],
        [
            0x08_1226, 0x10_3a55, 0x35_8390, 0xee_fff2, 0x04_1119, 0xff_d27a, 0xd0_5a48,
        ],
    ],
];
const WATERCOLOR: [Row; 4] = [
    [
        0x7f_a3c7, 0xe7_b8b0, 0xfb_e6cf, 0xff_f1cf, 0x43_5273, 0xf2_b25f, 0xd0_604a,
    ],
    [
        0x58_9dcd, 0xa3_d0e2, 0xf3_f3e3, 0xff_f0c0, 0x34_6355, 0xf0_b04f, 0xd2_5a41,
    ],
    [
        0x66_5b96, 0xd3_8a94, 0xf9_cf9c, 0xff_ecc0, 0x38_3459, 0xf3_b257, 0xcf_5546,
    ],
    [
        0x2a_3a6b, 0x56_70a4, 0xb0_c0d8, 0xfd_f6df, 0x1e_2a4a, 0xf3_bf62, 0xc2_5a50,
    ],
];
const NOIR: [Row; 4] = [
    [
        0x1d_1f24, 0x5a_5e66, 0xc3_c7cb, 0xfb_fbf6, 0x08_090b, 0xf3_ecd4, 0xb3_1526,
    ],
    [
        0x35_383e, 0x7d_8189, 0xd7_d9da, 0xff_ffff, 0x0b_0c0e, 0xf3_ecd4, 0xb3_1526,
    ],
    [
        0x0e_0f13, 0x3a_3d45, 0xa0_a4a8, 0xf6_f6f0, 0x05_0507, 0xf3_ecd4, 0xb3_1526,
    ],
    [
        0x05_0609, 0x1f_2229, 0x6d_737b, 0xf4_f4ee, 0x02_0203, 0xf7_efd2, 0xb3_1526,
    ],
];
const PAPERCUT: [Row; 4] = [
    [
        0xf6_b8a0, 0xf9_d0b0, 0xfd_e8cc, 0xff_f8e4, 0x7a_3b4f, 0xff_d166, 0xe0_5a47,
    ],
    [
        0x7c_c6c3, 0xa9_dcd0, 0xe2_f1dc, 0xff_f6d8, 0x1e_5b5e, 0xff_c857, 0xe8_6b45,
    ],
    [
        0xc8_4b4b, 0xe8_7f52, 0xf8_c27a, 0xff_edc4, 0x47_1f3f, 0xff_d166, 0xf0_e0c0,
    ],
    [
        0x1b_2a4e, 0x2f_4778, 0x5d_7fae, 0xff_f4d2, 0x0d_1730, 0xff_cb62, 0xe2_6a52,
    ],
];
const RETRO: [Row; 4] = [
    [
        0xf0_b94a, 0xf3_9a5b, 0xfb_e3bd, 0xff_f2d2, 0x2d_3047, 0xff_dd8c, 0xd1_495b,
    ],
    [
        0x3f_9a9a, 0x8f_c9b4, 0xf6_e7c1, 0xf4_a259, 0x1f_4e5f, 0xff_d98a, 0xd1_495b,
    ],
    [
        0x7a_2e3a, 0xd8_572a, 0xf7_b538, 0xfb_e5b0, 0x2b_1a2f, 0xff_d166, 0x2f_8f8a,
    ],
    [
        0x14_213d, 0x26_4653, 0x2a_9d8f, 0xf1_e3b4, 0x0d_1626, 0xf4_a261, 0xe7_6f51,
    ],
];
const INK: [Row; 4] = [
    [
        0xd9_d1c0, 0xe9_e2d3, 0xf4_eee1, 0xf8_f4ea, 0x1d_1c22, 0xf0_c777, 0xb5_362b,
    ],
    [
        0xe4_dfd2, 0xee_e9dd, 0xf6_f1e6, 0xfb_f8f0, 0x1d_1c22, 0xf0_c777, 0xb5_362b,
    ],
    [
        0xbd_b3a6, 0xdc_d2c2, 0xf2_e9d9, 0xf8_f2e4, 0x1d_1c22, 0xf0_c777, 0xb5_362b,
    ],
    [
        0x57_585f, 0x9b_9995, 0xe2_dccf, 0xfb_f8ee, 0x16_161b, 0xf4_cf83, 0xb5_362b,
    ],
];
const PASTEL: [Row; 4] = [
    [
        0xc3_b1e6, 0xf6_c2d0, 0xff_e8d1, 0xff_fdf4, 0x84_73a6, 0xff_e3a3, 0xf4_8a8a,
    ],
    [
        0x9f_d3ec, 0xc9_e9f0, 0xff_f6e0, 0xff_fdf0, 0x6c_9f98, 0xff_e09a, 0xf7_9a98,
    ],
    [
        0xab_94da, 0xf3_a9c1, 0xff_d3b4, 0xff_f6df, 0x6f_5f96, 0xff_e0a0, 0xff_8f9c,
    ],
    [
        0x5c_5f98, 0x8f_86be, 0xd6_bfe0, 0xff_fbe4, 0x42_4070, 0xff_dda0, 0xf7_9aa6,
    ],
];
const NEON: [Row; 2] = [
    [
        0x0d_0221, 0x41_0f86, 0xf7_2585, 0xff_d166, 0x0a_0118, 0x4c_e0f0, 0xff_3fa4,
    ],
    [
        0x03_0d26, 0x0b_3c7d, 0x1f_c7c7, 0xff_8fd0, 0x02_0a18, 0xff_4fa8, 0x5c_f2e3,
    ],
];
const COMIC: [Row; 4] = [
    [
        0x6a_8de8, 0xff_a9b5, 0xff_e29a, 0xff_f5c8, 0x3a_2f63, 0xff_d84d, 0xee_3e3e,
    ],
    [
        0x1f_9be8, 0x74_cdf7, 0xe6_f7ff, 0xff_e14d, 0x17_7a4c, 0xff_d84d, 0xee_3e3e,
    ],
    [
        0x6b_2fa0, 0xf0_5a7e, 0xff_b53f, 0xff_ef8a, 0x38_1a55, 0xff_d84d, 0x1f_b6d8,
    ],
    [
        0x10_1f5c, 0x26_489c, 0x5f_93dd, 0xff_f6c4, 0x0b_1640, 0xff_d84d, 0xee_3e3e,
    ],
];

impl Palette {
    /// The colours for a style at an hour; `own_words` is the style's text when it names no style we know.
    pub(super) fn of(style: Style, own_words: Option<&str>, hour: Hour, dice: &mut Dice) -> Self {
        let at = hour as usize;
        if let Some(words) = own_words {
            return Self::from_words(words, hour);
        }
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
    use crate::composition::Hour;

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
