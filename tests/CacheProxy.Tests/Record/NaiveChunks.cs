using System.Text.Json;
using System.Text.Json.Nodes;

namespace CacheProxy.Tests.Record;

/// <summary>What a plain client makes of chunks, written apart from the product's own: texts and arguments joined, the last of everything else.</summary>
internal static class NaiveChunks
{
    public static void AssertSame(IReadOnlyList<JsonObject> chunks, JsonElement whole)
    {
        foreach (JsonObject chunk in chunks)
        {
            Assert.Equal(whole.GetProperty("id").GetString(), (string?)chunk["id"]);
            Assert.Equal(whole.GetProperty("model").GetString(), (string?)chunk["model"]);
            Assert.Equal(whole.GetProperty("created").GetInt64(), (long)chunk["created"]!);
        }

        Assert.Equal(whole.TryGetProperty("usage", out JsonElement usage), chunks.Any(chunk => chunk["usage"] is JsonObject));
        if (usage.ValueKind == JsonValueKind.Object)
        {
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(usage.GetRawText()), chunks.Last(chunk => chunk["usage"] is not null)["usage"]));
        }

        Assert.Equal(
            whole.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()).Order(),
            chunks.SelectMany(ChoicesOf).Select(choice => (int)choice["index"]!).Distinct().Order());
        foreach (JsonElement choice in whole.GetProperty("choices").EnumerateArray())
        {
            AssertChoice([.. chunks.SelectMany(ChoicesOf).Where(part => (int)part["index"]! == choice.GetProperty("index").GetInt32())], choice);
        }
    }

    private static IEnumerable<JsonObject> ChoicesOf(JsonObject chunk) => chunk["choices"]!.AsArray().Select(choice => choice!.AsObject());

    private static void AssertChoice(JsonObject[] parts, JsonElement whole)
    {
        Assert.Equal(whole.GetProperty("finish_reason").GetString(), (string?)parts.Last(part => part["finish_reason"] is not null)["finish_reason"]);
        if (!whole.TryGetProperty("message", out JsonElement message))
        {
            Assert.Equal(whole.GetProperty("text").GetString(), string.Concat(parts.Select(part => (string?)part["text"])));
            return;
        }

        JsonObject[] deltas = [.. parts.Select(part => part["delta"]!.AsObject())];
        Assert.Equal("assistant", message.GetProperty("role").GetString());
        Assert.Equal("assistant", (string?)deltas[0]["role"]);
        Assert.Equal(message.GetProperty("content").GetString() ?? "", string.Concat(deltas.Select(delta => (string?)delta["content"])));
        Assert.Equal(message.GetProperty("refusal").GetString() ?? "", string.Concat(deltas.Select(delta => (string?)delta["refusal"])));
        JsonNode[] annotations = [.. deltas.SelectMany(delta => delta["annotations"]?.AsArray() ?? []).Select(item => item!)];
        Assert.Equal(annotations.Length, message.TryGetProperty("annotations", out JsonElement list) ? list.GetArrayLength() : 0);
        JsonObject[] calls = [.. deltas.SelectMany(delta => delta["tool_calls"]?.AsArray() ?? []).Select(call => call!.AsObject())];
        int count = message.TryGetProperty("tool_calls", out JsonElement wholeCalls) ? wholeCalls.GetArrayLength() : 0;
        Assert.Equal(count, calls.Select(call => (int)call["index"]!).Distinct().Count());
        for (int i = 0; i < count; i++)
        {
            JsonObject[] pieces = [.. calls.Where(call => (int)call["index"]! == i)];
            Assert.Equal(wholeCalls[i].GetProperty("id").GetString(), (string?)pieces[0]["id"]);
            JsonElement function = wholeCalls[i].GetProperty("function");
            Assert.Equal(function.GetProperty("name").GetString(), (string?)pieces[0]["function"]!["name"]);
            Assert.Equal(function.GetProperty("arguments").GetString(), string.Concat(pieces.Select(piece => (string?)piece["function"]!["arguments"])));
        }
    }
}
