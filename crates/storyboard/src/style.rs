//! Styles: which one a user's words mean, and how each of them draws.

use super::color::Color;
use super::seed::Dice;

/// The ways to draw that differ in more than colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    /// Soft light and distance.
    Cinematic,
    /// Washes on rough paper.
    Watercolor,
    /// Black, white, and a single red.
    Noir,
    /// Sheets of paper, one above the other.
    Papercut,
    /// A travel poster of the seventies.
    Retro,
    /// Pen and brush on cream paper.
    Ink,
    /// Gentle colours for gentle stories.
    Pastel,
    /// Glowing lines in the dark.
    Neon,
    /// Bold lines, full colours, printed dots.
    Comic,
}

/// How a layer is filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Brush {
    /// Fades into the haze below.
    Air,
    /// Transparent, darker at the edge.
    Wash,
    /// One colour and a shadow on the layer behind.
    Paper,
    /// One colour.
    Flat,
    /// An outline of that width.
    Pen {
        /// In units, for the nearest layer.
        width: f64,
    },
    /// Dark with a luminous edge.
    Glow,
}

/// The words by which users ask for a style; the first row with a match wins.
const NAMES: [(Style, &str); 9] = [
    (
        Style::Watercolor,
        "watercolor|watercolour|aquarelle|gouache|painterly|impressionis|oil paint",
    ),
    (
        Style::Noir,
        "noir|black and white|monochrome|film still|detective",
    ),
    (
        Style::Papercut,
        "papercut|paper cut|paper-cut|cutout|cut-out|origami|collage|diorama",
    ),
    (
        Style::Retro,
        "retro|vintage|poster|70s|60s|mid-century|midcentury|art deco",
    ),
    (
        Style::Ink,
        "ink|sketch|line art|pencil|charcoal|woodcut|etching|sumi|engraving",
    ),
    (
        Style::Pastel,
        "pastel|kawaii|soft|storybook|picture book|children|dreamy",
    ),
    (
        Style::Neon,
        "neon|cyber|synthwave|vaporwave|futuristic|sci-fi|tron",
    ),
    (
        Style::Comic,
        "comic|cartoon|anime|manga|pop art|graphic novel",
    ),
    (
        Style::Cinematic,
        "cinematic|realis|photo|film|epic|default|standard|fantasy",
    ),
];

impl Style {
    /// The style a text asks for, and whether it is one we know by name.
    pub(super) fn from_words(words: &str) -> (Self, bool) {
        let words = words.trim().to_ascii_lowercase();
        if words.is_empty() {
            return (Self::Cinematic, true);
        }
        let known = NAMES
            .iter()
            .find(|(_, names)| names.split('|').any(|name| words.contains(name)));
        if let Some((style, _)) = known {
            return (*style, true);
        }
        let others = [Self::Papercut, Self::Pastel, Self::Retro];
        let picked = Dice::of(&["style", &words]).pick(Self::Cinematic, &others);
        (picked, false)
    }

    /// How it fills a layer.
    pub(super) const fn brush(self) -> Brush {
        match self {
            Self::Cinematic | Self::Noir | Self::Pastel => Brush::Air,
            Self::Watercolor => Brush::Wash,
            Self::Papercut => Brush::Paper,
            Self::Retro => Brush::Flat,
            Self::Ink => Brush::Pen { width: 3.5 },
            Self::Comic => Brush::Pen { width: 6.0 },
            Self::Neon => Brush::Glow,
        }
    }

    /// Whether place and weather may change its colours.
    pub(super) const fn is_colourful(self) -> bool {
        match self {
            Self::Cinematic | Self::Watercolor | Self::Papercut | Self::Pastel | Self::Comic => {
                true
            }
            Self::Noir | Self::Retro | Self::Ink | Self::Neon => false,
        }
    }

    /// Whether its captions are dark on light.
    pub(super) const fn has_light_panel(self) -> bool {
        match self {
            Self::Watercolor
            | Self::Papercut
            | Self::Retro
            | Self::Ink
            | Self::Pastel
            | Self::Comic => true,
            Self::Cinematic | Self::Noir | Self::Neon => false,
        }
    }

    /// Whether something surrounds the picture: blank paper or a frame.
    pub(super) const fn has_border(self) -> bool {
        match self {
            Self::Watercolor | Self::Papercut | Self::Retro | Self::Ink | Self::Comic => true,
            Self::Cinematic | Self::Noir | Self::Pastel | Self::Neon => false,
        }
    }

    /// Whether its surface is rough.
    pub(super) const fn has_grain(self) -> bool {
        match self {
            Self::Cinematic
            | Self::Watercolor
            | Self::Noir
            | Self::Papercut
            | Self::Retro
            | Self::Ink => true,
            Self::Pastel | Self::Neon | Self::Comic => false,
        }
    }

    /// What fills the inside of an outline: ink leaves the paper visible, comics do not.
    pub(super) fn pen_fill(self, color: Color, paper: Color) -> Color {
        if self == Self::Ink {
            color.mix(paper, 0.42)
        } else {
            color
        }
    }

    /// The typefaces; none is shipped, so each list ends with what every reader has.
    pub(super) const fn typeface(self) -> &'static str {
        match self {
            Self::Cinematic | Self::Watercolor | Self::Papercut | Self::Ink | Self::Noir => {
                "Georgia,Cambria,serif"
            }
            Self::Retro | Self::Neon => "Futura,Avenir Next,Century Gothic,sans-serif",
            Self::Pastel | Self::Comic => "Avenir Next,Nunito,Trebuchet MS,sans-serif",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Style;

    #[test]
    fn styles_are_found_in_what_people_write() {
        let cases = [
            ("", Style::Cinematic),
            ("Watercolor", Style::Watercolor),
            ("film noir", Style::Noir),
            ("Paper-cut diorama", Style::Papercut),
            ("retro travel poster", Style::Retro),
            ("black ink sketch", Style::Ink),
            ("soft pastel", Style::Pastel),
            ("cyberpunk", Style::Neon),
            ("anime", Style::Comic),
        ];
        for (words, style) in cases {
            assert_eq!(Style::from_words(words), (style, true), "{words}");
        }
    }

    #[test]
    fn other_words_always_mean_the_same_style() {
        assert_eq!(
            Style::from_words("Velvet Volcano"),
            Style::from_words(" velvet volcano ")
        );
        assert!(!Style::from_words("velvet volcano").1);
    }
}
