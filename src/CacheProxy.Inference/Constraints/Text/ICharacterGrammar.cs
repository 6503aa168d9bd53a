namespace CacheProxy.Inference.Constraints.Text;

/// <summary>How characters of a language stand in the text that is generated.</summary>
internal interface ICharacterGrammar
{
    /// <summary>Any one character of the set.</summary>
    GrammarNode Of(CodePointSet set);

    /// <summary>Any characters at all, none included.</summary>
    GrammarNode AnyText { get; }
}

/// <summary>Characters as they are.</summary>
internal sealed class PlainCharacters : ICharacterGrammar
{
    public static PlainCharacters Instance { get; } = new();

    public GrammarNode AnyText { get; } = Grammar.Repeat(Utf8Grammar.Of(CodePointSet.All), 0, null);

    public GrammarNode Of(CodePointSet set) => Utf8Grammar.Of(set);
}
