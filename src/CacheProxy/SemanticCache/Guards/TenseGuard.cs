using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>What was and what will be: who won and who will win, is and was.</summary>
public sealed class TenseGuard : ISemanticGuard
{
    private enum Time
    {
        Unknown,
        Past,
        Present,
        Future,
    }

    public string Name => "tense";

    public bool Vetoes(TextPair pair)
    {
        Time left = Read(pair.Left), right = Read(pair.Right);
        return (left == Time.Future && right == Time.Past) || (left == Time.Past && right == Time.Future);
    }

    // The first auxiliary speaks for the question: "What did X say will happen?" asks for the past.
    private static Time Read(QuestionText text)
    {
        foreach (QuestionToken token in text.Tokens)
        {
            if (token.Kind != TokenKind.Word)
            {
                continue;
            }

            switch (token.Lower)
            {
                case "did" or "was" or "were" or "had":
                    return Time.Past;
                case "will" or "shall" or "'ll":
                    return Time.Future;
                case "won" or "wrote" or "lost" or "became" or "happened" or "died" or "invented" or "discovered" or "started" or "ended":
                    return Time.Past;
                case "is" or "are" or "do" or "does" or "has" or "have" or "can":
                    return Time.Present;
            }
        }

        return Time.Unknown;
    }
}
