using System.Collections.Frozen;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// All meaningful words the same but one on each side: "who wrote it", "who published it". Unless the two are known to mean the same, the swap is
/// the point of the question. Two unrelated words swap with a cosine above 0.9, which is why similarity cannot see it.
/// </summary>
public sealed class SwappedWordGuard : ISemanticGuard
{
    private static readonly FrozenDictionary<string, string> Synonyms = Stemmed("""
        big large huge biggest largest greatest; small tiny little smallest; fast quick rapid; fastest quickest; tall height; long length; fast speed; heavy weigh weight; deep depth
        buy purchase; begin start commence; end finish; create make build; fix repair solve resolve; get obtain receive; pick choose select; way method approach technique
        job work career; movie film; car automobile; phone cellphone mobile; picture image photo photograph; film movie; kid child; mom mother; dad father
        happen occur; help aid assist; use utilize; answer reply respond; error mistake; idea suggestion; tip advice; good great best top; important key main
        learn study; improve increase boost enhance; combine merge join; delete remove erase; locate find; meaning define definition mean; cause reason; author write writer; paint painter
        purpose goal aim; home house; money cash; price cost; doctor physician; lawyer attorney; sick ill; smart intelligent clever; pretty beautiful; sad unhappy
        country nation; city town; company firm business; boss manager; student pupil; test exam; dish meal; recipe cook; trip journey travel; holiday vacation
        biggest; maximum max; minimum min; people person human; difference differ compare; benefit advantage; drawback disadvantage; compose write; summary summarize; capital
        undo revert; recent last latest; listen use; symptom sign; color; internet web; show display print; view see look; teach learn; earn make; rid remove; understand know
        """);

    public string Name => "swapped-word";

    public bool Vetoes(QuestionText cached, QuestionText asked)
    {
        HashSet<string> left = Meanings(cached), right = Meanings(asked);
        int common = left.Count(right.Contains);
        return common > 0 && left.Count == common + 1 && right.Count == common + 1;
    }

    private static HashSet<string> Meanings(QuestionText text)
        => [.. text.ContentStems.Select(stem => Synonyms.GetValueOrDefault(stem, stem))];

    private static FrozenDictionary<string, string> Stemmed(string text)
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
