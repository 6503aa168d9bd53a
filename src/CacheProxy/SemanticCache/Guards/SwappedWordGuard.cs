using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// The same question but for one word: "who wrote it", "who published it". Word for word the same before and after, the swap is the point of the
/// question unless both words are known to mean the same. Encoders give such pairs a cosine above 0.9.
/// </summary>
public sealed class SwappedWordGuard : ISemanticGuard
{
    // One word of two is no frame to compare in.
    private const int LeastWords = 3;

    public string Name => "swapped-word";

    public bool Vetoes(TextPair pair)
    {
        IReadOnlyList<QuestionToken> left = pair.Left.Tokens, right = pair.Right.Tokens;
        if (left.Count != right.Count || left.Count < LeastWords || pair.OnlyLeft.Count != 1 || pair.OnlyRight.Count != 1)
        {
            return false;
        }

        for (int i = 0; i < left.Count; i++)
        {
            bool swapped = left[i].Equals(pair.OnlyLeft[0]) && right[i].Equals(pair.OnlyRight[0]);
            if (!swapped && left[i].Lower != right[i].Lower && left[i].Stem != right[i].Stem)
            {
                return false;
            }
        }

        return true;
    }
}
