using System.Text.RegularExpressions;

namespace CacheProxy.SemanticCache.Questions;

/// <summary>
/// The operator's templates: how prompts with retrieved passages are written. Each is a regular expression with the groups <c>question</c> and
/// <c>context</c>; the first that matches a prompt takes it apart. Safe to use from many threads.
/// </summary>
public sealed class PromptTemplates
{
    /// <summary>Of one template over one prompt; a prompt of 100 KB takes a straightforward one well under a millisecond.</summary>
    public static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(20);

    private const string QuestionGroup = "question";
    private const string ContextGroup = "context";

    private readonly Regex[] _templates;

    /// <exception cref="ArgumentException">One of them is no template: see <see cref="Fault"/>.</exception>
    public PromptTemplates(IEnumerable<string> patterns) => _templates = [.. patterns.Select(Read)];

    public static PromptTemplates None { get; } = new([]);

    /// <summary>What is wrong with a pattern; null: nothing.</summary>
    public static string? Fault(string pattern)
    {
        try
        {
            Read(pattern);
            return null;
        }
        catch (ArgumentException exception)
        {
            return exception.Message;
        }
    }

    /// <returns>False: no template matches; the prompt is compared as it is.</returns>
    /// <exception cref="RegexMatchTimeoutException">A template took longer than <see cref="MatchTimeout"/>.</exception>
    public bool TrySplit(string prompt, out PromptSplit split)
    {
        foreach (Regex template in _templates)
        {
            Match match = template.Match(prompt);
            // A group in a loop that matched several times names no one question.
            if (match.Success && match.Groups[ContextGroup].Success && match.Groups[QuestionGroup] is { Success: true, Captures.Count: 1 } question)
            {
                split = new PromptSplit(prompt[..question.Index], question.Value, prompt[(question.Index + question.Length)..]);
                return true;
            }
        }

        split = default;
        return false;
    }

    private static Regex Read(string pattern)
    {
        var template = new Regex(pattern, RegexOptions.CultureInvariant, MatchTimeout);
        string[] missing = [.. new[] { QuestionGroup, ContextGroup }.Except(template.GetGroupNames())];
        return missing.Length == 0
            ? template
            : throw new ArgumentException($"it has no group (?<{string.Join(">…) and no group (?<", missing)}>…)", nameof(pattern));
    }
}
