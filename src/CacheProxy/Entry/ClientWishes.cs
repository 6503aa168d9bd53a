using System.Globalization;
using CacheProxy.Exchange;
using CacheProxy.Protocol;
using CacheProxy.Protocol.OpenAI;
using Microsoft.Extensions.Primitives;

namespace CacheProxy.Entry;

/// <summary>The request's own <c>X-CacheProxy-*</c> headers, checked: what is not a plain word or number is refused, so nothing of them can reach another header, a key or a log as anything else.</summary>
public readonly record struct ClientWishes(string Namespace, IReadOnlyList<string> Tags, int? TtlSeconds, SemanticWish Semantic)
{
    private const int MaxNamespaceLength = 128;
    private const int MaxTags = 16;
    private const int MaxTagLength = 64;

    /// <summary>False: <paramref name="error"/> names the header that is not valid.</summary>
    public static bool TryRead(IHeaderDictionary headers, out ClientWishes wishes, out RequestError? error)
    {
        wishes = new ClientWishes("", [], null, default);
        error = null;
        if (headers.TryGetValue(HeaderNames.Namespace, out StringValues space))
        {
            if (!IsWord(space, MaxNamespaceLength))
            {
                error = Invalid(HeaderNames.Namespace, $"use 1 to {MaxNamespaceLength} letters, digits or ._:/- characters.");
                return false;
            }

            wishes = wishes with { Namespace = space.ToString() };
        }

        if (headers.TryGetValue(HeaderNames.Tags, out StringValues tags))
        {
            string[] list = tags.ToString().Split(',', StringSplitOptions.TrimEntries);
            if (list.Length > MaxTags || list.Any(tag => !IsWord(tag, MaxTagLength)))
            {
                error = Invalid(HeaderNames.Tags, $"use at most {MaxTags} tags, separated by commas, each of 1 to {MaxTagLength} letters, digits or ._:/- characters.");
                return false;
            }

            wishes = wishes with { Tags = list };
        }

        if (headers.TryGetValue(HeaderNames.Ttl, out StringValues ttl))
        {
            if (!int.TryParse(ttl.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
            {
                error = Invalid(HeaderNames.Ttl, "use a whole number of seconds, 0 or more.");
                return false;
            }

            wishes = wishes with { TtlSeconds = seconds };
        }

        return !headers.TryGetValue(HeaderNames.Semantic, out StringValues semantic) || TryReadSemantic(semantic.ToString(), ref wishes, out error);
    }

    private static bool TryReadSemantic(string value, ref ClientWishes wishes, out RequestError? error)
    {
        error = null;
        if (value.Equals("off", StringComparison.OrdinalIgnoreCase))
        {
            wishes = wishes with { Semantic = new SemanticWish(true, 0) };
            return true;
        }

        if (float.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out float similarity) && similarity is >= 0 and <= 1)
        {
            wishes = wishes with { Semantic = new SemanticWish(false, similarity) };
            return true;
        }

        error = Invalid(HeaderNames.Semantic, "use off, or the least similarity from 0 to 1.");
        return false;
    }

    private static bool IsWord(string? value, int maxLength)
    {
        if (string.IsNullOrEmpty(value) || value.Length > maxLength)
        {
            return false;
        }

        foreach (char c in value)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or ':' or '/' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    private static RequestError Invalid(string header, string message) => new($"Invalid header '{header}': {message}", header, "invalid_header");
}
