using System.Text.Json;
using CacheProxy.Fingerprint;

namespace CacheProxy.SemanticCache.Questions;

/// <summary>
/// What was said before a question, as it is kept beside it in the index: a JSON array of texts, each with <c>q</c> in front of a user's and
/// <c>a</c> in front of the assistant's.
/// </summary>
public static class EarlierTurns
{
    /// <summary>Longer conversations are compared exactly: what all of it costs to keep and to judge is more than a hit is worth.</summary>
    public const int MaximumCharacters = 16 * 1024;

    /// <summary>Likewise with more questions than this; each that differs costs a pass of the verifier.</summary>
    public const int MaximumQuestions = 8;

    private const char QuestionMark = 'q';
    private const char AnswerMark = 'a';

    public static bool AreJudgeable(IReadOnlyList<ConversationTurn> turns)
        => turns.Count(turn => turn.IsQuestion) <= MaximumQuestions && turns.Sum(turn => turn.Text.Length) <= MaximumCharacters;

    public static string Write(IReadOnlyList<ConversationTurn> turns)
        => JsonSerializer.Serialize([.. turns.Select(turn => (turn.IsQuestion ? QuestionMark : AnswerMark) + turn.Text)], EarlierTurnsJson.Default.StringArray);

    /// <returns>Null: nothing, or nothing of this kind.</returns>
    public static IReadOnlyList<ConversationTurn>? Read(string? context)
    {
        try
        {
            string?[]? texts = context is null ? null : JsonSerializer.Deserialize(context, EarlierTurnsJson.Default.StringArray);
            return texts is { Length: > 0 } && Array.TrueForAll(texts, text => text is [QuestionMark or AnswerMark, ..])
                ? [.. texts.Select(text => new ConversationTurn(text![0] == QuestionMark, text[1..]))]
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
