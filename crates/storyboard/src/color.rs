//! A colour, and how it is written.

use super::number::whole;
use std::fmt;

/// An sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Color {
    red: f64,
    green: f64,
    blue: f64,
}

impl Color {
    /// The colour of a number written `0xrrggbb`.
    pub(super) fn hex(number: u32) -> Self {
        let [_, red, green, blue] = number.to_be_bytes().map(f64::from);
        Self { red, green, blue }
    }

    /// This colour with that share of another.
    pub(super) fn mix(self, other: Self, share: f64) -> Self {
        let blend = |from: f64, to: f64| from + (to - from) * share;
        Self {
            red: blend(self.red, other.red),
            green: blend(self.green, other.green),
            blue: blend(self.blue, other.blue),
        }
    }

    /// How bright it looks, from 0 to 255.
    pub(super) fn brightness(self) -> f64 {
        0.299 * self.red + 0.587 * self.green + 0.114 * self.blue
    }

    /// This colour with that share of its grey.
    pub(super) fn faded(self, share: f64) -> Self {
        let grey = self.brightness();
        self.mix(
            Self {
                red: grey,
                green: grey,
                blue: grey,
            },
            share,
        )
    }

    /// A colour by hue (in turns), saturation and lightness (0 to 1).
    pub(super) fn from_hsl(hue: f64, saturation: f64, lightness: f64) -> Self {
        let channel = |offset: f64| {
            let turn = (hue + offset).rem_euclid(1.0) * 12.0;
            let distance = (turn - 3.0).min(9.0 - turn).clamp(-1.0, 1.0);
            255.0 * (lightness - saturation * lightness.min(1.0 - lightness) * distance)
        };
        Self {
            red: channel(0.0),
            green: channel(8.0 / 12.0),
            blue: channel(4.0 / 12.0),
        }
    }
}

impl fmt::Display for Color {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let byte = |value: f64| whole(value.clamp(0.0, 255.0));
        write!(
            formatter,
            "#{:02x}{:02x}{:02x}",
            byte(self.red),
            byte(self.green),
            byte(self.blue)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Color;

    #[test]
    fn colours_are_written_with_six_digits() {
        assert_eq!(Color::hex(0x01_0aff).to_string(), "#010aff");
        assert_eq!(Color::from_hsl(0.0, 1.0, 0.5).to_string(), "#ff0000");
        assert_eq!(Color::from_hsl(1.0 / 3.0, 1.0, 0.5).to_string(), "#00ff00");
    }
}
