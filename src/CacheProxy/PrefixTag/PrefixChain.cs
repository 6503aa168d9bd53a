using System.Text;
using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Fingerprint;
using CacheProxy.Tenancy;

namespace CacheProxy.PrefixTag;

/// <summary>
/// Ids of the part of a prompt that other requests share. Each message boundary has one, chained from the one before:
/// <code>
/// id 0   = HMAC(secret, scope, route, model, tools, instructions where they are a field of their own)
/// id i+1 = HMAC(secret, id i, canonical message i)
/// </code>
/// so two requests have an id in common exactly as far as their prompts are the same. The prefix of a request ends before its last turn,
/// which is what differs between two questions after one system prompt.
/// </summary>
public sealed class PrefixChain(InstallationSecret secret)
{
    private const int IdBytes = 16;

    [ThreadStatic]
    private static CanonicalBuffer? s_buffer;

    /// <summary>The ids of all boundaries but the last, the longest prefix last; 32 hex digits each.</summary>
    /// <param name="exchange">A request that Fingerprint has read.</param>
    public IReadOnlyList<string> Compute(ExchangeFeature exchange)
    {
        CanonicalBuffer buffer = s_buffer ??= new CanonicalBuffer();
        Span<byte> id = stackalloc byte[Fingerprint256.SizeBytes];
        Head(exchange, buffer, id);
        var ids = new List<string>(exchange.Facts.MessageCount) { Text(id) };
        var reader = new Utf8JsonReader(exchange.Body.Span, JsonTypes.ReaderOptions);
        PromptFields fields = PromptFields.Of(exchange.Dialect);
        if (!Enter(ref reader, fields.Turns))
        {
            return ids;
        }

        for (int i = 0; i < exchange.Facts.MessageCount - 1 && reader.Read() && reader.TokenType == JsonTokenType.StartObject; i++)
        {
            buffer.Clear();
            buffer.WriteBytes(id);
            fields.Blocks.WriteTurn(ref reader, buffer);
            secret.Hash(buffer.Written, id);
            ids.Add(Text(id));
        }

        return ids;
    }

    /// <summary>Separates what an upstream keeps for this scope from what it keeps for others; 32 hex digits, says nothing about the key.</summary>
    public string Salt(Scope scope)
    {
        Span<byte> hash = stackalloc byte[Fingerprint256.SizeBytes];
        secret.Hash(Encoding.ASCII.GetBytes("salt:" + scope.Id), hash);
        return Text(hash);
    }

    // Tools stand in front of the messages in every chat template, wherever the request has them.
    private void Head(ExchangeFeature exchange, CanonicalBuffer buffer, Span<byte> id)
    {
        buffer.Clear();
        Span<byte> scope = stackalloc byte[Fingerprint256.SizeBytes];
        exchange.Scope.Hash.CopyTo(scope);
        buffer.WriteBytes(scope);
        buffer.WriteBytes(Encoding.UTF8.GetBytes(exchange.Route?.Name ?? ""));
        buffer.WriteBytes(Encoding.UTF8.GetBytes(exchange.Facts.Model));
        PromptFields fields = PromptFields.Of(exchange.Dialect);
        if (exchange.Facts.HasTools)
        {
            AppendField(exchange, buffer, fields, "tools"u8);
            AppendField(exchange, buffer, fields, "functions"u8);
        }

        if (fields.System.Length > 0)
        {
            AppendField(exchange, buffer, fields, fields.System);
        }

        secret.Hash(buffer.Written, id);
    }

    private static void AppendField(ExchangeFeature exchange, CanonicalBuffer buffer, PromptFields fields, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(exchange.Body.Span, JsonTypes.ReaderOptions);
        if (FindField(ref reader, name))
        {
            fields.Blocks.WriteBlocks(ref reader, buffer, verbatim: true);
        }
        else
        {
            buffer.WriteByte(0);
        }
    }

    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
        => FindField(ref reader, name) && reader.TokenType == JsonTokenType.StartArray;

    private static bool FindField(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static string Text(ReadOnlySpan<byte> id) => Convert.ToHexStringLower(id[..IdBytes]);
}
