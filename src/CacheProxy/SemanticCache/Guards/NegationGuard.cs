using System.Collections.Frozen;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>More or fewer words of negation: similar vectors, opposite answers.</summary>
public sealed class NegationGuard : ISemanticGuard
{
    private static readonly FrozenSet<string> Negations = WordTable.Set("""
        not no never without none nothing nobody nowhere neither nor non except excluding exclude unless lack lacks lacking
        hardly barely rarely seldom instead rather avoid avoiding prevent preventing stop stopping nt dont doesnt didnt isnt arent wasnt cant wont shouldnt couldnt wouldnt
        """);

    public string Name => "negation";

    public bool Vetoes(QuestionText cached, QuestionText asked) => Count(cached) != Count(asked);

    private static int Count(QuestionText text)
    {
        int count = 0;
        foreach (QuestionToken token in text.Tokens)
        {
            count += token.Kind == TokenKind.Word && Negations.Contains(token.Lower) ? 1 : 0;
        }

        return count;
    }
}
