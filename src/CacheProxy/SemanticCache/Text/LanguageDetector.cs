using System.Collections.Frozen;

namespace CacheProxy.SemanticCache.Text;

/// <summary>
/// Guesses the language of a Latin-script text from its function words. Short noun phrases have none: those are <see cref="Unknown"/>,
/// which callers treat as English, the only language whose names and terms are used bare in prompts everywhere.
/// </summary>
public static class LanguageDetector
{
    public const string Unknown = "";

    // Words that are frequent in one language and rare or absent in the others; English words that look the same are left out.
    // A word of two languages counts for both.
    private static readonly FrozenDictionary<string, string[]> LanguagesOf = WordTable.Labelled("""
        en: the is are what how of and to does do did can you my which who when where why with for it this that there should would was were
        de: der das und ist nicht wie ich eine einen für mit auf den dem wo wer warum wann welche welcher welches kann gibt hauptstadt sind auch zum zur
        fr: le les une est et quelle quel comment pourquoi où qui dans pour avec je vous des du sur quels quelles est-ce ce qu ça
        es: el los las una es cómo qué cuál por para quién dónde cuándo y del con está son puedo cuánto cuántos como que
        it: il gli è perché quale dove quando chi della di che sono posso quanto quanti nella un'altra
        pt: o os uma é qual onde quando quem da dos das não são posso quanto em
        nl: het een hoe waarom wat wie welke ik niet voor van zijn kan heeft
        sv: är och det hur vad som på inte för jag vilken
        pl: jest nie jak czy się kto gdzie kiedy dlaczego jaka jaki
        tr: bir nasıl nedir ve için mi ne nerede kim
        """);

    /// <returns>A two-letter code, or <see cref="Unknown"/> when no language has more of its words in the text than every other.</returns>
    public static string Detect(QuestionText text)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (QuestionToken token in text.Tokens)
        {
            if (token.Kind == TokenKind.Word && LanguagesOf.TryGetValue(token.Lower, out string[]? languages))
            {
                foreach (string language in languages)
                {
                    counts[language] = counts.GetValueOrDefault(language) + 1;
                }
            }
        }

        if (counts.Count == 0)
        {
            return Unknown;
        }

        KeyValuePair<string, int> best = counts.MaxBy(pair => pair.Value);
        return counts.Count(pair => pair.Value == best.Value) == 1 ? best.Key : Unknown;
    }
}
