namespace CacheProxy.SemanticCache.Questions;

/// <summary>
/// Whether a prompt is mostly code. In code every sign counts, which neither encoder nor verifier was made for; a name or a call within a question
/// is for the guards.
/// </summary>
public static class CodeDetector
{
    private const string Fence = "```";
    private const int StatementLines = 2;
    private const int MinimumSigns = 8;

    // Prose has about one such sign in a hundred characters, a line of code one in eight.
    private const int CharactersPerSign = 16;

    public static bool IsCode(string text)
    {
        if (text.Contains(Fence, StringComparison.Ordinal) || text.Contains("~~~\n", StringComparison.Ordinal))
        {
            return true;
        }

        int statements = 0, signs = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> trimmed = line.Trim();
            statements += IsStatement(trimmed) ? 1 : 0;
            signs += CountSigns(trimmed);
        }

        return statements >= StatementLines || (signs >= MinimumSigns && signs * CharactersPerSign >= text.Length);
    }

    private static bool IsStatement(ReadOnlySpan<char> line) => line.Length > 0
        && (line[^1] is ';' or '{' or '}' || IsBlockHead(line) || (line[0] is '<' && line[^1] is '>') || line.StartsWith("import ") || line.StartsWith("#include"));

    // Python and its like: "def f(x):", "for x in y:", "if x:".
    private static bool IsBlockHead(ReadOnlySpan<char> line) => line[^1] == ':'
        && (line.StartsWith("def ") || line.StartsWith("class ") || line.StartsWith("for ") || line.StartsWith("if ") || line.StartsWith("while ")
            || line is "else:" or "try:" || line.StartsWith("elif ") || line.StartsWith("except") || line.StartsWith("with "));

    private static int CountSigns(ReadOnlySpan<char> line)
    {
        int signs = 0;
        foreach (char c in line)
        {
            signs += c is '{' or '}' or ';' or '(' or ')' or '[' or ']' or '=' or '<' or '>' or '\\' or '|' or '&' or '_' ? 1 : 0;
        }

        return signs;
    }
}
