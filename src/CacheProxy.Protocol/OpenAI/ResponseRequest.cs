using System.Diagnostics.CodeAnalysis;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Body of <c>POST /v1/responses</c>, checked, as the chat that it asks for. What would need memory of earlier responses is refused.</summary>
public sealed record ResponseRequest
{
    /// <summary>The same question as a chat: <c>instructions</c> are its system message, items its other messages.</summary>
    public required ChatCompletionRequest Chat { get; init; }

    /// <summary><c>truncation: auto</c>: the oldest turns may be left out of a prompt that is too long.</summary>
    public bool TruncatesPrompt { get; init; }

    /// <summary>What the answer repeats of the request.</summary>
    public required ResponseEcho Echo { get; init; }

    /// <param name="error">What is wrong, the field named.</param>
    public static bool TryParse(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out ResponseRequest? request, [NotNullWhen(false)] out RequestError? error)
        => RequestBody.TryParse(body, ResponseRequestParser.Parse, out request, out error);
}
