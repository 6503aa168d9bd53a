using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

/// <summary>Everything that a client can get wrong: the right status, an OpenAI-shaped error that names the field, and a server that goes on.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private const string Chat = "/v1/chat/completions";
    private const string Text = "/v1/completions";
    private const string Embed = "/v1/embeddings";
    private const string Hi = "\"model\":\"scripted\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(Chat, "{\"model\":\"scripted\",\"messages\":", 400, null, "invalid_json")]
    [InlineData(Chat, "", 400, null, "invalid_json")]
    [InlineData(Chat, "{\"model\":\"scripted\",\"messages\":[]}", 400, "messages", "empty_array")]
    [InlineData(Chat, "{\"model\":\"nobody\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}", 404, "model", "model_not_found")]
    [InlineData(Chat, "{\"model\":\"words\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}", 400, "model", "unsupported_value")]
    [InlineData(Chat, "{" + Hi + ",\"max_tokens\":-1}", 400, "max_tokens", "integer_below_min_value")]
    [InlineData(Chat, "{" + Hi + ",\"max_tokens\":400}", 400, "messages", "context_length_exceeded")]
    [InlineData(Chat, "{" + Hi + ",\"temperature\":3}", 400, "temperature", "decimal_above_max_value")]
    [InlineData(Chat, "{" + Hi + ",\"logit_bias\":{\"5\":101}}", 400, "logit_bias.5", "decimal_above_max_value")]
    [InlineData(Chat, "{" + Hi + ",\"logit_bias\":{\"five\":1}}", 400, "logit_bias", "invalid_value")]
    [InlineData(Chat, "{" + Hi + ",\"logit_bias\":{\"5\":1,\"05\":1}}", 400, "logit_bias", "invalid_value")]
    [InlineData(Chat, "{" + Hi + ",\"logit_bias\":{\"70000\":1}}", 400, "logit_bias", "invalid_value")]
    [InlineData(Chat, "{" + Hi + ",\"min_tokens\":-1}", 400, "min_tokens", "integer_below_min_value")]
    [InlineData(Chat, "{" + Hi + ",\"min_tokens\":5,\"max_tokens\":4}", 400, "min_tokens", "invalid_value")]
    [InlineData(Chat, "{" + Hi + ",\"ignore_eos\":1}", 400, "ignore_eos", "invalid_type")]
    [InlineData(Chat, "{" + Hi + ",\"repetition_penalty\":0}", 400, "repetition_penalty", "invalid_value")]
    [InlineData(Chat, "{" + Hi + ",\"priority\":\"high\"}", 400, "priority", "invalid_type")]
    [InlineData(Chat, "{" + Hi + ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}", 400, "tools", "unsupported_parameter")]
    [InlineData(Chat, "{" + Hi + ",\"tool_choice\":\"required\"}", 400, "tool_choice", "invalid_value")]
    [InlineData(Chat, "{" + Hi + ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"properties\":{\"a\":{\"not\":{}}}}}}}", 400, "response_format.json_schema.schema.properties.a.not", "invalid_value")]
    [InlineData(Text, "{\"model\":\"scripted\",\"prompt\":\"a\",\"guided_regex\":\"(\"}", 400, "guided_regex", "invalid_value")]
    [InlineData(Chat, "{" + Hi + ",\"guided_json\":\"{\"}", 400, "guided_json", "invalid_value")]
    [InlineData(Chat, "{" + Hi + ",\"modalities\":[\"text\",\"audio\"]}", 400, "modalities", "unsupported_value")]
    [InlineData(Chat, "{\"model\":\"scripted\",\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"x\"}]}", 400, "messages[0]", "unsupported_parameter")]
    [InlineData(Chat, "{\"model\":\"scripted\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image_url\",\"image_url\":{}}]}]}", 400, "messages[0].content[1]", "unsupported_value")]
    [InlineData(Chat, "{\"model\":\"scripted\",\"messages\":[{\"role\":\"developer\",\"content\":\"x\"}]}", 400, "messages", "invalid_value")]
    [InlineData(Text, "{\"model\":\"scripted\"}", 400, "prompt", "missing_required_parameter")]
    [InlineData(Text, "{\"model\":\"scripted\",\"prompt\":\"\"}", 400, "prompt", "invalid_value")]
    [InlineData(Text, "{\"model\":\"scripted\",\"prompt\":[5,70000]}", 400, "prompt", "invalid_value")]
    [InlineData(Text, "{\"model\":\"scripted\",\"prompt\":\"a\",\"suffix\":\"b\"}", 400, "suffix", "unsupported_parameter")]
    [InlineData(Text, "{\"model\":\"scripted\",\"prompt\":\"a\",\"best_of\":2}", 400, "best_of", "unsupported_value")]
    [InlineData(Text, "{\"model\":\"nobody\",\"prompt\":\"a\"}", 404, "model", "model_not_found")]
    [InlineData(Embed, "{\"model\":\"words\",\"input\":[]}", 400, "input", "empty_array")]
    [InlineData(Embed, "{\"model\":\"words\",\"input\":[1,2]}", 400, "input", "unsupported_value")]
    [InlineData(Embed, "{\"model\":\"words\",\"input\":\"a\",\"dimensions\":2}", 400, "dimensions", "unsupported_value")]
    [InlineData(Embed, "{\"model\":\"words\",\"input\":[\"a\",\"1 2 3 4 5 6\"]}", 400, "input[1]", "context_length_exceeded")]
    [InlineData(Embed, "{\"model\":\"scripted\",\"input\":\"a\"}", 400, "model", "unsupported_value")]
    [InlineData("/v1/unknown", "{}", 404, null, "unknown_url")]
    [InlineData("/v1/models", "{}", 405, null, "method_not_supported")]
    public async Task Post_WhatCannotBeServed_IsRefusedByName(string path, string body, int status, string? param, string code)
        => await AssertRefusedAsync(await _server.PostAsync(path, body), status, param, code);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public async Task Post_OtherContentType_Is415(string? type)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes($"{{{Hi}}}"));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        await AssertRefusedAsync(await _server.SendAsync(Chat, content), 415, null, "unsupported_media_type");
    }

    [Fact]
    public async Task Post_CompressedBody_Is415()
    {
        var content = new StringContent($"{{{Hi}}}", Encoding.UTF8, "application/json");
        content.Headers.ContentEncoding.Add("gzip");
        await AssertRefusedAsync(await _server.SendAsync(Chat, content), 415, null, "unsupported_content_encoding");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Post_BodyOverTheCap_Is413(bool hasLength)
    {
        byte[] body = Encoding.UTF8.GetBytes($"{{{Hi},\"user\":\"{new string('x', (int)TestServer.Options.MaxBodyBytes)}\"}}");
        HttpContent content = hasLength ? new ByteArrayContent(body) : new StreamContent(new UnsizedStream(body));
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        await AssertRefusedAsync(await _server.SendAsync(Chat, content), 413, null, "request_too_large");
    }

    [Fact]
    public async Task Post_PromptLongerThanTheContext_Is400()
    {
        string body = $"{{\"model\":\"scripted\",\"messages\":[{{\"role\":\"user\",\"content\":\"{new string('x', 400)}\"}}]}}";
        await AssertRefusedAsync(await _server.PostAsync(Chat, body), 400, "messages", "context_length_exceeded");
    }

    [Fact]
    public async Task Get_UnknownModel_Is404()
    {
        HttpResponseMessage response = await _server.Client.GetAsync("/v1/models/nobody", TestContext.Current.CancellationToken);
        await AssertRefusedAsync(response, 404, "model", "model_not_found");
    }

    private async Task AssertRefusedAsync(HttpResponseMessage response, int status, string? param, string code)
    {
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        JsonObject body = JsonNode.Parse(text)!.AsObject();
        JsonNode error = body["error"]!;
        Assert.Single(body);
        Assert.Equal(["code", "message", "param", "type"], error.AsObject().Select(field => field.Key).Order());
        Assert.Equal((status, param, code), ((int)response.StatusCode, (string?)error["param"], (string?)error["code"]));
        Assert.Equal("invalid_request_error", (string?)error["type"]);
        Assert.False(string.IsNullOrEmpty((string?)error["message"]));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        using HttpResponseMessage next = await _server.PostAsync(Chat, $"{{{Hi}}}");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    private sealed class UnsizedStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
