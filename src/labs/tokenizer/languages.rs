//! One sentence in eight languages: what does it cost to be read?

/// A language and the sentence in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language {
    /// Its name in English.
    pub name: &'static str,
    /// The sentence.
    pub sentence: &'static str,
}

/// The first sentence of article 1 of the Universal Declaration of Human Rights, in the United
/// Nations' translations: one meaning, so that counts can be compared. English comes first.
pub const LANGUAGES: [Language; 8] = [
    Language {
        name: "English",
        sentence: "All human beings are born free and equal in dignity and rights.",
    },
    Language {
        name: "German",
        sentence: "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    },
    Language {
        name: "Swahili",
        sentence: "Watu wote wamezaliwa huru, hadhi na haki zao ni sawa.",
    },
    Language {
        name: "Russian",
        sentence: "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    },
    Language {
        name: "Arabic",
        sentence: "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.",
    },
    Language {
        name: "Hindi",
        sentence: "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    },
    Language {
        name: "Chinese",
        sentence: "人人生而自由，在尊严和权利上一律平等。",
    },
    Language {
        name: "Japanese",
        sentence: "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    },
];
