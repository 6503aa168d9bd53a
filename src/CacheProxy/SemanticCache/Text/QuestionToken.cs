namespace CacheProxy.SemanticCache.Text;

/// <param name="Original">As written.</param>
/// <param name="Lower">Lower-case; a number without separators of thousands; <c>n't</c> as <c>not</c>.</param>
/// <param name="Stem">Of a word, without plural, -ing, -ed and final e, synonyms of spelling joined; else <see cref="Lower"/>.</param>
/// <param name="StartsSentence">First token, or first after a full stop, question or exclamation mark or line break.</param>
public readonly record struct QuestionToken(TokenKind Kind, string Original, string Lower, string Stem, bool StartsSentence)
{
    /// <summary>A word whose first letter is upper-case.</summary>
    public bool IsCapitalised => Kind == TokenKind.Word && char.IsUpper(Original[0]);

    /// <summary>Carries meaning of its own: no article, auxiliary, pronoun, question word or polite phrase.</summary>
    public bool IsContent => Kind is TokenKind.Number or TokenKind.Code || (Kind == TokenKind.Word && !StopWords.Contains(Lower));
}
