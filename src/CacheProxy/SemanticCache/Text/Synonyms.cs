using System.Collections.Frozen;

namespace CacheProxy.SemanticCache.Text;

/// <summary>
/// English words that ask for the same thing in a question. Kept to what holds in nearly every question: a pair that is not listed only keeps two
/// wordings apart, a pair that should not be listed may bring two questions together.
/// </summary>
public static class Synonyms
{
    private static readonly FrozenDictionary<string, string> Meanings = Read("""
        big large huge; biggest largest greatest; small tiny little; smallest tiniest; fast quick rapid quickly; fastest quickest; tall height high; long length; speed velocity fast
        heavy weigh weight mass; deep depth; wide width; old age; near nearby close closest nearest; around near
        buy purchase; begin start commence; end finish; create make build construct write compose generate draft; fix repair solve resolve correct; get obtain receive acquire
        pick choose select; way method approach technique mean; job work career employment; movie film; cinema theater; car automobile vehicle; phone cellphone mobile smartphone
        picture image photo photograph; kid child; mom mother; dad father; happen occur; help aid assist; use utilize employ; answer reply respond response; error mistake
        idea suggestion suggest recommend recommendation; tip advice; good great nice; best top greatest; important key main major crucial essential; learn study
        improve increase boost enhance better; combine merge join; delete remove erase; locate find search; define definition meaning mean; cause reason; author writer
        paint painter; purpose goal aim; home house; money cash; price cost; doctor physician; lawyer attorney; sick ill; smart intelligent clever; pretty beautiful
        sad unhappy; country nation; city town; company firm business; boss manager; pupil student; test exam; dish meal; cook prepare; trip journey travel
        holiday vacation; maximum max; minimum min; people person human; difference differ compare different; benefit advantage; drawback disadvantage downside
        summary summarize; undo revert; recent last latest; listen hear; symptom sign; internet web online; display print; view see look watch; earn make
        rid remove eliminate; understand know; song track tune; playlist list; rate rating; add put include insert; play listen show schedule; point star; time showtime showing
        book novel textbook; permit allow; forbid ban prohibit; require need; enough sufficient; maybe perhaps possible; often frequent; rare seldom; appear look
        lose reduce; overcome cure; prepare preparation; fat weight; simple easy basic; simply easily; hard difficult; dangerous risky; safe secure; free gratis
        total whole entire all; quite rather; stuff thing; fact thing; guy man; lady woman; girl woman; boy man; neighborhood area region; sort order; kind type sort
        convert change transform turn; calculate compute; explain describe; return refund; cancel terminate; erase wipe; login signin; setup install configure
        steps procedure process; quickest fastest; cheap inexpensive affordable; amount quantity number; bug defect fault; mend repair; hint clue; jacket coat
        """);

    /// <param name="stem">As <see cref="Stemmer.Stem"/> gives it.</param>
    /// <returns>One stem for all words of a meaning; the word itself where it is in no group.</returns>
    public static string MeaningOf(string stem) => Meanings.GetValueOrDefault(stem, stem);

    private static FrozenDictionary<string, string> Read(string text)
    {
        var joined = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string row in text.Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            string[] stems = [.. row.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Stemmer.Stem)];
            foreach (string stem in stems)
            {
                // A word of two rows keeps its first one: rows are not merged, or everything would mean everything.
                joined.TryAdd(stem, stems[0]);
            }
        }

        return joined.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
