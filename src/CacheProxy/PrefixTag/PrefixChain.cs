using System.Buffers.Binary;
using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Prompts;
using CacheProxy.Fingerprint;
using CacheProxy.Tenancy;

namespace CacheProxy.PrefixTag;

/// <summary>
/// Ids of the part of a prompt that other requests share. Each message boundary has one of 128 bits, chained from the one before:
/// <code>
/// id 0   = HMAC(secret, scope, route, model, tools, instructions where they are a field of their own)
/// id i+1 = HMAC(secret, id i, canonical message i)
/// </code>
/// so two requests have an id in common exactly as far as their prompts are the same. The prefix of a request ends before its last turn,
/// which is what differs between two questions after one system prompt.
/// </summary>
public sealed class PrefixChain(InstallationSecret secret)
{
    [ThreadStatic]
    private static PromptScan? s_scan;

    [ThreadStatic]
    private static CanonicalBuffer? s_head;

    /// <summary>All boundaries, from one pass over the body. Allocates what it returns, 32 bytes for each of them.</summary>
    /// <param name="exchange">A request that Fingerprint has read.</param>
    public PromptOutline Read(ExchangeFeature exchange)
    {
        PromptScan scan = s_scan ??= new PromptScan();
        scan.Read(exchange.Body.Span, PromptFields.Of(exchange.Dialect));
        var boundaries = new PromptBoundary[scan.Ends.Count + 1];
        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes];
        int bytes = Head(exchange, scan, hash);
        boundaries[0] = new PromptBoundary(ToId(hash), bytes, scan.HeadMark);
        int at = 0;
        for (int i = 0; i < scan.Ends.Count; i++)
        {
            (int end, PromptMark mark) = scan.Ends[i];
            hash[..PromptScan.Room].CopyTo(scan.Turns.Slice(at, PromptScan.Room));
            secret.Hash(scan.Turns.Slice(at, end - at), hash);
            bytes += end - at - PromptScan.Room;
            boundaries[i + 1] = new PromptBoundary(ToId(hash), bytes, mark);
            at = end;
        }

        var outline = new PromptOutline(boundaries) { HasInnerMark = scan.HasInnerMark, Retention = scan.Retention, HasInstructions = scan.HasInstructions };
        scan.Clear();
        return outline;
    }

    /// <summary>The id that a conversation has behind its answer, where a client sends it back as one text.</summary>
    /// <param name="end">Of the prompt that was answered.</param>
    public UInt128 Extend(UInt128 end, string answer)
    {
        CanonicalBuffer buffer = s_head ??= new CanonicalBuffer(1024);
        buffer.Clear();
        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes];
        BinaryPrimitives.WriteUInt128BigEndian(hash, end);
        buffer.WriteRaw(hash[..PromptScan.Room]);
        PromptWriter.WriteText(buffer, "assistant"u8, answer);
        secret.Hash(buffer.Written, hash);
        return ToId(hash);
    }

    /// <summary>Separates what an upstream keeps for this scope from what it keeps for others; 32 hex digits, says nothing about the key.</summary>
    public string Salt(Scope scope)
    {
        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes];
        secret.Hash(Encoding.ASCII.GetBytes("salt:" + scope.Id), hash);
        return Convert.ToHexStringLower(hash[..PromptBoundary.IdBytes]);
    }

    // Tools stand in front of the messages in every chat template, wherever the request has them.
    /// <returns>Bytes of the prompt.</returns>
    private int Head(ExchangeFeature exchange, PromptScan scan, Span<byte> hash)
    {
        CanonicalBuffer buffer = s_head ??= new CanonicalBuffer(1024);
        buffer.Clear();
        exchange.Scope.Hash.CopyTo(hash);
        buffer.WriteBytes(hash);
        buffer.WriteText(exchange.Route?.Name ?? "");
        buffer.WriteText(exchange.Facts.Model);
        // Each says where it ends, and an absent one is a byte that begins no value.
        secret.Hash(buffer.Written, OrNone(scan.Tools), OrNone(scan.Functions), hash);
        if (scan.System.Length > 0)
        {
            secret.Hash(hash, scan.System, [], hash);
        }

        return scan.Tools.Length + scan.Functions.Length + scan.System.Length;
    }

    private static ReadOnlySpan<byte> OrNone(ReadOnlySpan<byte> value) => value.IsEmpty ? "-"u8 : value;

    private static UInt128 ToId(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt128BigEndian(hash);
}
