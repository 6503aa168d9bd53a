using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Tenancy;

namespace CacheProxy.Admin;

/// <summary>
/// One question with its answer: <c>question</c>, <c>messages</c> or <c>request</c>; <c>answer</c> as a text or as the provider's whole object;
/// <c>model</c> and <c>system</c> with the first two. What is left out of the request was left out by the clients who are to find it, too.
/// </summary>
internal sealed record SeedLine(
    Dialect Dialect, byte[] Request, JsonElement Answer, Scope Scope, string Namespace, string[] Tags, int? TtlSeconds)
{
    private const int MaxTextLength = 16 << 20;
    private const int MaxKeyLength = 4096;
    private const int MaxTags = 16;

    private static readonly string[] Dialects = ["chat", "completions", "embeddings", "responses", "messages"];

    /// <returns>Null: <paramref name="error"/> names the field.</returns>
    public static SeedLine? Read(byte[] json, ScopeResolver scopes, out RequestError? error)
    {
        JsonFields fields = JsonFields.Parse(json);
        string dialectName = fields.Text("dialect") ?? Dialects[0];
        int dialect = Array.IndexOf(Dialects, dialectName);
        if (dialect < 0)
        {
            fields.Fail(RequestError.InvalidValue("dialect", $"use one of {string.Join(", ", Dialects)}."));
        }

        byte[]? request = ReadRequest(fields, (Dialect)dialect);
        JsonElement? answer = fields.Take("answer");
        if (answer is not { ValueKind: JsonValueKind.String or JsonValueKind.Object })
        {
            fields.Fail(answer is null ? RequestError.Missing("answer") : RequestError.WrongType("answer", "a string or an object", answer.Value.ValueKind.ToString()));
        }

        string space = fields.Text("namespace", NamespaceName.MaxLength, mayBeEmpty: true) ?? "";
        string[] tags = fields.Texts("tags", MaxTags);
        int? ttl = fields.Number("ttl_seconds", 1, int.MaxValue);
        Scope scope = ReadScope(fields, scopes);
        if (!NamespaceName.IsValid(space))
        {
            fields.Fail(RequestError.InvalidValue("namespace", NamespaceName.Rule));
        }

        if (!Array.TrueForAll(tags, NamespaceName.IsValidTag))
        {
            fields.Fail(RequestError.InvalidValue("tags", NamespaceName.TagRule));
        }

        error = fields.Finish();
        return error is null ? new SeedLine((Dialect)dialect, request!, answer!.Value, scope, space, tags, ttl) : null;
    }

    private static byte[]? ReadRequest(JsonFields fields, Dialect dialect)
    {
        JsonElement? request = fields.Take("request");
        string? question = fields.Text("question", MaxTextLength);
        JsonElement? messages = fields.Take("messages");
        string? model = fields.Text("model");
        string? system = fields.Text("system", MaxTextLength);
        if (new[] { request is not null, question is not null, messages is not null }.Count(given => given) != 1)
        {
            fields.Fail(RequestError.InvalidValue("question", "give one of question, messages and request."));
            return null;
        }

        if (request is { } whole)
        {
            if (whole.ValueKind != JsonValueKind.Object)
            {
                fields.Fail(RequestError.WrongType("request", "an object", whole.ValueKind.ToString().ToLowerInvariant()));
            }
            else if (model is not null || system is not null)
            {
                fields.Fail(RequestError.InvalidValue(model is null ? "system" : "model", "it stands in the request already."));
            }

            return JsonSerializer.SerializeToUtf8Bytes(whole, AdminJson.Default.JsonElement);
        }

        if (dialect != Dialect.OpenAIChat)
        {
            fields.Fail(RequestError.InvalidValue("dialect", "other dialects than chat need the whole request."));
        }

        if (model is null)
        {
            fields.Fail(RequestError.Missing("model"));
            return null;
        }

        if (messages is { ValueKind: not JsonValueKind.Array } other)
        {
            fields.Fail(RequestError.WrongType("messages", "an array", other.ValueKind.ToString().ToLowerInvariant()));
            return null;
        }

        return WriteChat(model, system, question, messages);
    }

    private static byte[] WriteChat(string model, string? system, string? question, JsonElement? messages)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("model", model);
            writer.WriteStartArray("messages");
            if (system is not null)
            {
                WriteMessage(writer, "system", system);
            }

            if (question is not null)
            {
                WriteMessage(writer, "user", question);
            }
            else
            {
                foreach (JsonElement message in messages!.Value.EnumerateArray())
                {
                    message.WriteTo(writer);
                }
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteMessage(Utf8JsonWriter writer, string role, string content)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        writer.WriteString("content", content);
        writer.WriteEndObject();
    }

    private static Scope ReadScope(JsonFields fields, ScopeResolver scopes)
    {
        string? tenant = fields.Hex("tenant", 2 * Fingerprint256.SizeBytes);
        string? key = fields.Text("api_key", MaxKeyLength);
        if (tenant is not null && key is not null)
        {
            fields.Fail(RequestError.InvalidValue("api_key", "give either tenant or api_key."));
        }

        return Fingerprint256.TryParse(tenant, out Fingerprint256 hash) ? new Scope(hash) : scopes.Of(key);
    }
}
