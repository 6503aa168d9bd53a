namespace CacheProxy.SemanticCache.Questions;

/// <summary>
/// A question as the index keeps it: its text, and where its conversation is compared too, U+001E and what was said before (<see cref="EarlierTurns"/>).
/// No question that is looked up holds that sign: see <see cref="HiddenText"/>.
/// </summary>
public static class IndexedText
{
    private const char Separator = '\u001E';

    public static string Of(SemanticQuery query)
        => query.Earlier.Count == 0 ? query.Text! : query.Text + Separator + EarlierTurns.Write(query.Earlier);

    public static string QuestionOf(string indexed) => indexed.IndexOf(Separator) is var end and >= 0 ? indexed[..end] : indexed;

    /// <returns>Null: it has no conversation.</returns>
    public static string? ContextOf(string indexed) => indexed.IndexOf(Separator) is var end and >= 0 ? indexed[(end + 1)..] : null;
}
