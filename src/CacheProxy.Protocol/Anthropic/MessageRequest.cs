using System.Diagnostics.CodeAnalysis;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Anthropic;

/// <summary>Body of <c>POST /v1/messages</c> and of <c>/v1/messages/count_tokens</c>, checked, as the chat that it asks for.</summary>
public sealed record MessageRequest
{
    /// <summary>
    /// The same question as a chat: <c>system</c> is its system message, a turn's tool results are messages of their own in front of
    /// its text, turns of one role that follow each other are one.
    /// </summary>
    public required ChatCompletionRequest Chat { get; init; }

    /// <param name="error">What is wrong, the field named.</param>
    public static bool TryParse(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out MessageRequest? request, [NotNullWhen(false)] out RequestError? error)
        => RequestBody.TryParse(body, fields => MessageRequestParser.Parse(fields, isCount: false), out request, out error);

    /// <summary>Of a request to count tokens, which generates none.</summary>
    /// <param name="error">What is wrong, the field named.</param>
    public static bool TryParseCount(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out MessageRequest? request, [NotNullWhen(false)] out RequestError? error)
        => RequestBody.TryParse(body, fields => MessageRequestParser.Parse(fields, isCount: true), out request, out error);
}
