using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CacheProxy.Exchange;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache;

/// <summary>
/// The part of the index that a question may meet: the request's own partition, narrowed to one embedder, one verifier and one script. A changed
/// model therefore starts from an empty part instead of comparing vectors that mean something else.
/// </summary>
public sealed class SemanticPartition(string embedderFingerprint, string verifierFingerprint)
{
    /// <summary>Names the two models, the embedder first: vectors and partitions that were kept under another name are stale.</summary>
    public string Models { get; } = $"{embedderFingerprint}/{verifierFingerprint}";

    private readonly byte[] _models = [.. Field(embedderFingerprint), .. Field(verifierFingerprint)];

    public Fingerprint256 Derive(Fingerprint256 request, Script script)
    {
        // 1 version | 32 request | 1 script | (4 length, bytes) embedder | (4 length, bytes) verifier
        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes];
        byte[] fields = new byte[2 + Fingerprint256.SizeBytes + _models.Length];
        fields[0] = 1;
        request.CopyTo(fields.AsSpan(1));
        fields[1 + Fingerprint256.SizeBytes] = (byte)script;
        _models.CopyTo(fields.AsSpan(2 + Fingerprint256.SizeBytes));
        SHA256.HashData(fields, hash);
        return new Fingerprint256(hash);
    }

    private static byte[] Field(string text)
    {
        byte[] field = new byte[4 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteInt32LittleEndian(field, field.Length - 4);
        Encoding.UTF8.GetBytes(text, field.AsSpan(4));
        return field;
    }
}
