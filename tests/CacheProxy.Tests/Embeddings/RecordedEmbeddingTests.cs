using System.Text.Json;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Record;

namespace CacheProxy.Tests.Embeddings;

/// <summary>Every recorded answer of OpenAI's through record, store and replay, against the recording.</summary>
public class RecordedEmbeddingTests
{
    public static TheoryData<string> Answers => [.. Files().Where(item => item.Status == 200).Select(item => item.Name)];

    public static TheoryData<string> Errors => [.. Files().Where(item => item.Status != 200).Select(item => item.Name)];

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Recorded_AskedAgain_SaysTheSame(string name)
    {
        (Recording recording, EmbeddingProxy sut) = await StartAsync(name);
        await using EmbeddingProxy owned = sut;
        string request = recording.Request.GetRawText();

        Reply first = await sut.SendAsync(request);
        await sut.SettleAsync();
        Reply again = await sut.SendAsync(request);

        Assert.Equal(recording.Bytes, first.Body);
        int inputs = first.Json.GetProperty("data").GetArrayLength();
        Assert.Equal(($"0/{inputs}", $"{inputs}/{inputs}"), (first.Inputs(), again.Inputs()));
        Assert.True(JsonElement.DeepEquals(first.Json, again.Json), $"{name}: {again.Text[..200]}");
        Assert.Equal(1, sut.Proxy.Upstream.Calls);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Recorded_InTheOtherEncoding_HasTheSameNumbers(string name)
    {
        (Recording recording, EmbeddingProxy sut) = await StartAsync(name);
        await using EmbeddingProxy owned = sut;
        Reply first = await sut.SendAsync(recording.Request.GetRawText());
        await sut.SettleAsync();

        var other = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(recording.Request)!;
        bool isBase64 = other.TryGetValue("encoding_format", out JsonElement format) && format.GetString() == "base64";
        other["encoding_format"] = JsonSerializer.SerializeToElement(isBase64 ? "float" : "base64");
        Reply again = await sut.SendAsync(JsonSerializer.Serialize(other));

        Assert.Equal(first.Vectors(), again.Vectors());
        Assert.Equal(isBase64 ? JsonValueKind.Array : JsonValueKind.String, again.Json.GetProperty("data")[0].GetProperty("embedding").ValueKind);
        Assert.Equal(first.Json.GetProperty("usage").GetRawText().Replace(" ", "").Replace("\n", ""), again.Json.GetProperty("usage").GetRawText().Replace(" ", "").Replace("\n", ""));
        Assert.Equal(1, sut.Proxy.Upstream.Calls);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Recorded_EachInputAlone_IsAnsweredByTheBatch(string name)
    {
        (Recording recording, EmbeddingProxy sut) = await StartAsync(name);
        await using EmbeddingProxy owned = sut;
        Reply first = await sut.SendAsync(recording.Request.GetRawText());
        await sut.SettleAsync();
        JsonElement input = recording.Request.GetProperty("input");
        JsonElement[] inputs = input.ValueKind == JsonValueKind.Array && input[0].ValueKind != JsonValueKind.Number ? [.. input.EnumerateArray()] : [input];

        for (int i = 0; i < inputs.Length; i++)
        {
            var one = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(recording.Request)!;
            one["input"] = inputs[i];
            Assert.Equal(first.Vectors()[i], (await sut.SendAsync(JsonSerializer.Serialize(one))).Vectors().Single());
        }

        Assert.Equal(1, sut.Proxy.Upstream.Calls);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task RecordedError_ComesAsItIsAndIsNotStored(string name)
    {
        (Recording recording, EmbeddingProxy sut) = await StartAsync(name);
        await using EmbeddingProxy owned = sut;

        Reply first = await sut.SendAsync(recording.Request.GetRawText());
        await sut.SettleAsync();
        Reply again = await sut.SendAsync(recording.Request.GetRawText());

        Assert.Equal((recording.Status, recording.Status), (first.Status, again.Status));
        Assert.Equal(recording.Bytes, first.Body);
        Assert.Equal(2, sut.Proxy.Upstream.Calls);
    }

    private static async Task<(Recording Recording, EmbeddingProxy Sut)> StartAsync(string name)
    {
        Recording recording = Files().Single(item => item.Name == name);
        EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        sut.Script = async (context, _, _) =>
        {
            context.Response.StatusCode = recording.Status;
            context.Response.ContentType = recording.ContentType;
            await context.Response.Body.WriteAsync(recording.Bytes);
        };
        return (recording, sut);
    }

    private static IEnumerable<Recording> Files()
        => Directory.GetFiles(TestKit.Repository.File("tests", "CacheProxy.Tests", "Embeddings", "Fixtures", "Recorded"), "*.json").Order().Select(Recording.FromRecorded);
}
