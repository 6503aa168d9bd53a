using System.Security.Cryptography;
using CacheProxy.Inference.Server.Models;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>What all events of one answer have in common.</summary>
/// <param name="Created">Unix seconds.</param>
internal sealed record AnswerHead(string Id, long Created, string Model, string Fingerprint)
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    // 29 characters of 62 hold more than 128 bits, and look like what clients have seen before.
    private const int IdLength = 29;

    /// <param name="prefix"><c>chatcmpl-</c> or <c>cmpl-</c>.</param>
    public static AnswerHead Create(string prefix, ChatModel model, TimeProvider time)
        => new(prefix + RandomNumberGenerator.GetString(Alphabet, IdLength), time.GetUtcNow().ToUnixTimeSeconds(), model.Id, model.Fingerprint);
}
