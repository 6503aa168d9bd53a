using System.Buffers;
using System.Text;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Templates;

/// <summary>
/// Tokenises a rendered conversation. Control tokens are taken from the template's own text only: a message that spells
/// one out stays text. Everything between two control tokens is encoded in one piece, because splitting it where a message
/// begins would give other tokens than the model was trained on.
/// </summary>
public sealed class PromptEncoder
{
    private readonly ITokenizer _tokenizer;
    private readonly (string Text, int Id)[] _controls;
    private readonly SearchValues<string> _search;

    public PromptEncoder(ITokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        _controls = [.. FindControls(tokenizer).OrderByDescending(control => control.Text.Length)];
        _search = SearchValues.Create([.. _controls.Select(control => control.Text)], StringComparison.Ordinal);
    }

    /// <summary>The prompt's ids; adds nothing that the template does not write.</summary>
    public int[] Encode(ChatPrompt prompt)
    {
        var ids = new List<int>((prompt.Text.Length / 3) + 8);
        var plain = new StringBuilder();
        TokenTrim last = TokenTrim.None;
        foreach (PromptSegment segment in prompt.Segments)
        {
            ReadOnlySpan<char> text = segment.Text;
            while (segment.IsTemplate && _controls.Length > 0 && text.IndexOfAny(_search) is var at and >= 0)
            {
                (string control, int id) = LongestAt(text[at..]);
                plain.Append(text[..at]);
                TokenTrim trim = _tokenizer.TrimOf(id);
                Flush(plain, ids, last.HasFlag(TokenTrim.Right), trim.HasFlag(TokenTrim.Left));
                ids.Add(id);
                last = trim;
                text = text[(at + control.Length)..];
            }

            plain.Append(text);
        }

        Flush(plain, ids, last.HasFlag(TokenTrim.Right), trimEnd: false);
        return [.. ids];
    }

    private (string Text, int Id) LongestAt(ReadOnlySpan<char> text)
    {
        foreach ((string Text, int Id) control in _controls)
        {
            if (text.StartsWith(control.Text, StringComparison.Ordinal))
            {
                return control;
            }
        }

        throw new InvalidOperationException("The search found a control token that is not in the list.");
    }

    private void Flush(StringBuilder plain, List<int> ids, bool trimStart, bool trimEnd)
    {
        ReadOnlySpan<char> text = plain.ToString();
        text = trimStart ? text.TrimStart() : text;
        _tokenizer.Encode(trimEnd ? text.TrimEnd() : text, parseSpecial: false, ids);
        plain.Clear();
    }

    private static IEnumerable<(string Text, int Id)> FindControls(ITokenizer tokenizer)
    {
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            if (tokenizer.KindOf(id) == TokenKind.Control && tokenizer.TokenBytes(id).Length > 0)
            {
                yield return (Encoding.UTF8.GetString(tokenizer.TokenBytes(id)), id);
            }
        }
    }
}
