using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace CacheProxy.Tests.Fingerprint;

/// <summary>Over random requests: no spelling changes the fingerprint, every change of meaning does.</summary>
public class FingerprintPropertyTests
{
    private static readonly FingerprintHarness Sut = new();

    [Fact]
    public void Spelling_NeverChangesTheFingerprint() => Check((request, random) =>
    {
        string plain = request.ToJsonString();
        string other = Respell(request, random);
        return Sut.Of(plain) == Sut.Of(other) && Sut.PartitionOf(plain) == Sut.PartitionOf(other);
    });

    [Fact]
    public void Meaning_AlwaysChangesTheFingerprint() => Check((request, random) =>
    {
        string before = request.ToJsonString();
        var changed = (JsonObject)request.DeepClone();
        Mutate(changed, random);
        string after = changed.ToJsonString();
        return before == after || Sut.Of(before) != Sut.Of(after);
    });

    [Fact]
    public void LastQuestion_IsAllThatThePartitionLeavesOut() => Check((request, random) =>
    {
        var asked = (JsonObject)request.DeepClone();
        var messages = (JsonArray)asked["messages"]!;
        messages[^1] = new JsonObject { ["role"] = "user", ["content"] = "question " + random.Next() };
        var again = (JsonObject)asked.DeepClone();
        ((JsonArray)again["messages"]!)[^1] = new JsonObject { ["role"] = "user", ["content"] = "another one " + random.Next() };
        var elsewhere = (JsonObject)again.DeepClone();
        ((JsonArray)elsewhere["messages"]!).Insert(0, new JsonObject { ["role"] = "system", ["content"] = "be brief " + random.Next() });

        return Sut.PartitionOf(asked.ToJsonString()) == Sut.PartitionOf(again.ToJsonString())
            && Sut.Of(asked.ToJsonString()) != Sut.Of(again.ToJsonString())
            && Sut.PartitionOf(asked.ToJsonString()) != Sut.PartitionOf(elsewhere.ToJsonString());
    });

    private static void Check(Func<JsonObject, Random, bool> property)
        => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            return property(Request(random), random);
        }).QuickCheckThrowOnFailure();

    private static JsonObject Request(Random random)
    {
        var messages = new JsonArray();
        int count = random.Next(1, 5);
        for (int i = 0; i < count; i++)
        {
            messages.Add(new JsonObject { ["role"] = i % 2 == 0 ? "user" : "assistant", ["content"] = Content(random) });
        }

        var request = new JsonObject { ["model"] = "model-" + random.Next(3), ["messages"] = messages };
        string[] optional = ["temperature", "top_p", "seed", "stop", "max_tokens", "x_unknown", "tools", "response_format", "logit_bias"];
        foreach (string field in optional.Where(_ => random.Next(2) == 0))
        {
            request[field] = field switch
            {
                "tools" => new JsonArray(Tool(random), Tool(random)),
                "response_format" => new JsonObject { ["type"] = "json_schema", ["json_schema"] = new JsonObject { ["name"] = "s", ["schema"] = Value(random, 2) } },
                "stop" => new JsonArray("a" + random.Next(9), "b" + random.Next(9)),
                "x_unknown" => Value(random, 3),
                "logit_bias" => new JsonObject { ["50256"] = random.Next(-100, 0) },
                _ => JsonValue.Create(random.Next(1, 90) / 64.0),
            };
        }

        return request;
    }

    private static JsonNode Content(Random random) => random.Next(3) == 0
        ? new JsonArray(new JsonObject { ["type"] = "text", ["text"] = Text(random) }, new JsonObject { ["type"] = "text", ["text"] = Text(random) })
        : JsonValue.Create(Text(random));

    private static JsonObject Tool(Random random) => new()
    {
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = "f" + random.Next(9), ["parameters"] = Value(random, 3) },
    };

    private static JsonNode Value(Random random, int depth) => random.Next(depth > 0 ? 5 : 3) switch
    {
        0 => JsonValue.Create(Text(random)),
        1 => JsonValue.Create(random.Next(-1000, 1000) / 8.0),
        2 => JsonValue.Create(random.Next(2) == 0),
        3 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(4)).Select(i => KeyValuePair.Create("k" + i, (JsonNode?)Value(random, depth - 1)))),
    };

    private static string Text(Random random)
    {
        const string alphabet = "ab 12\"\\/\n\té€😀";
        Rune[] runes = [.. alphabet.EnumerateRunes()];
        return string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => runes[random.Next(runes.Length)].ToString()));
    }

    /// <summary>Another order of fields, other white space, escapes and numbers, explicit defaults, fields that change nothing.</summary>
    private static string Respell(JsonObject request, Random random)
    {
        var other = (JsonObject)request.DeepClone();
        other["stream"] = random.Next(2) == 0;
        other["user"] = Text(random);
        other["metadata"] = new JsonObject { ["a"] = "b" };
        other["store"] = false;
        other["n"] = 1;
        other["presence_penalty"] = 0.0;
        other["logprobs"] = null;
        other["tool_choice"] = "auto";
        other["temperature"] ??= JsonValue.Create(1);
        var text = new StringBuilder();
        Write(text, other, random, verbatim: false);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node, Random random, bool verbatim)
    {
        text.Append(' ', random.Next(3)).Append(random.Next(4) == 0 ? "\n" : "");
        switch (node)
        {
            case JsonObject item:
                text.Append('{');
                KeyValuePair<string, JsonNode?>[] members = [.. item];
                if (!verbatim)
                {
                    random.Shuffle(members);
                }

                for (int i = 0; i < members.Length; i++)
                {
                    text.Append(i > 0 ? "," : "");
                    WriteText(text, members[i].Key, random);
                    text.Append(':');
                    Write(text, members[i].Value, random, verbatim || members[i].Key is "tools" or "response_format");
                }

                text.Append('}');
                break;
            case JsonArray list:
                text.Append('[');
                for (int i = 0; i < list.Count; i++)
                {
                    text.Append(i > 0 ? "," : "");
                    Write(text, list[i], random, verbatim);
                }

                text.Append(']');
                break;
            case JsonValue value when value.TryGetValue(out string? s):
                WriteText(text, s, random);
                break;
            case JsonValue value when !verbatim && value.TryGetValue(out double number):
                text.Append(random.Next(3) switch
                {
                    0 => number.ToString("F6", System.Globalization.CultureInfo.InvariantCulture),
                    1 => (number * 1000).ToString("F3", System.Globalization.CultureInfo.InvariantCulture) + "e-3",
                    _ => value.ToJsonString(),
                });
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }

        text.Append(' ', random.Next(2));
    }

    private static void WriteText(StringBuilder text, string value, Random random)
    {
        text.Append('"');
        foreach (char c in value)
        {
            bool must = c is '"' or '\\' or < ' ' || char.IsSurrogate(c);
            text.Append(must || random.Next(3) == 0 ? $"\\u{(int)c:x4}" : c.ToString());
        }

        text.Append('"');
    }

    /// <summary>Changes one thing that the upstream can see.</summary>
    private static void Mutate(JsonObject request, Random random)
    {
        var messages = (JsonArray)request["messages"]!;
        switch (random.Next(8))
        {
            case 0:
                request["model"] = "model-other";
                break;
            case 1:
                messages[random.Next(messages.Count)]!["content"] = Text(random) + "!";
                break;
            case 2:
                messages.Add(new JsonObject { ["role"] = "user", ["content"] = "and?" });
                break;
            case 3:
                messages[0]!["role"] = "developer";
                break;
            case 4:
                request["x_unknown"] = new JsonObject { ["n"] = random.Next() };
                break;
            case 5:
                request["temperature"] = (random.Next(100) + 100) / 128.0;
                break;
            case 6:
                request["tools"] = new JsonArray(Tool(random), Tool(random), Tool(random));
                break;
            default:
                request["seed"] = random.Next() + 100;
                break;
        }
    }
}
