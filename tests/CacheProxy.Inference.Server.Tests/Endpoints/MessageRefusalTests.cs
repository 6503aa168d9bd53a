using System.Text.Json.Nodes;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Server.Tests.Support;
using CacheProxy.Inference.Tools;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

/// <summary>What cannot be served in the dialects beside chat: the right status in the dialect's own shape, and a server that goes on.</summary>
public sealed class MessageRefusalTests : IAsyncLifetime
{
    private const string Messages = "/v1/messages";
    private const string Responses = "/v1/responses";
    private const string Hi = "\"model\":\"scripted\",\"max_tokens\":20,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
    private const string Tool = "\"tools\":[{\"name\":\"f\",\"input_schema\":{\"properties\":{\"a\":{\"not\":{}}}}}]";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(Messages, "{", 400, "invalid_request_error", "JSON")]
    [InlineData(Messages, "{\"model\":\"nobody\",\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}", 404, "not_found_error", "nobody")]
    [InlineData(Messages, "{\"model\":\"words\",\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}", 400, "invalid_request_error", "words")]
    [InlineData(Messages, "{\"model\":\"scripted\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}", 400, "invalid_request_error", "max_tokens")]
    [InlineData(Messages, "{" + Hi + ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}}", 400, "invalid_request_error", "thinking")]
    [InlineData(Messages, "{" + Hi + "," + Tool + "}", 400, "invalid_request_error", "tools")]
    [InlineData(Messages, "{\"model\":\"scripted\",\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{}}]}]}", 400, "invalid_request_error", "messages[0].content[0]")]
    [InlineData(Messages + "/count_tokens", "{\"model\":\"scripted\"}", 400, "invalid_request_error", "messages")]
    [InlineData(Messages + "/batches", "{}", 404, "not_found_error", "/v1/messages/batches")]
    public async Task Messages_WhatCannotBeServed_IsAnErrorInItsShape(string path, string body, int status, string type, string word)
    {
        using HttpResponseMessage response = await _server.PostAsync(path, body);
        JsonObject error = await ReadAsync(response);
        Assert.Equal(status, (int)response.StatusCode);
        AssertShape(error, response, type);
        Assert.Contains(word, (string?)error["error"]!["message"], StringComparison.Ordinal);
        using HttpResponseMessage next = await _server.PostAsync(Messages, $"{{{Hi}}}");
        Assert.True(next.IsSuccessStatusCode);
        Assert.StartsWith("req_", next.Headers.GetValues("request-id").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_SchemaThatCannotBeHeld_IsNamedAsTheRequestHasIt()
    {
        _server.Model.ToolFormat = ToolCallFormat.Hermes;
        using HttpResponseMessage response = await _server.PostAsync(Messages, $"{{{Hi},{Tool},\"tool_choice\":{{\"type\":\"any\"}}}}");
        Assert.Contains("tools[0].input_schema.properties.a.not", (string?)(await ReadAsync(response))["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_PromptLongerThanTheContext_Is400()
    {
        using HttpResponseMessage response = await _server.PostAsync(Messages, $"{{{Hi}}}".Replace("\"Hi\"", $"\"{new string('x', 400)}\"", StringComparison.Ordinal));
        JsonObject error = await ReadAsync(response);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("400 tokens", (string?)error["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_FullQueue_IsARateLimitWithTheTimeToComeAgain()
    {
        using var gate = new ManualResetEventSlim();
        await using TestServer server = await TestServer.StartAsync(new SchedulingOptions { MaxRunning = 1, MaxWaiting = 1, MaxWaitingPerTenant = 1 });
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Model.Runner.BeforeRun = _ =>
        {
            blocked.TrySetResult();
            gate.Wait(TimeSpan.FromSeconds(20));
        };
        Task<HttpResponseMessage> running = server.PostAsync(Messages, $"{{{Hi}}}");
        await blocked.Task.WaitAsync(TestContext.Current.CancellationToken);
        Task<HttpResponseMessage> waiting = server.PostAsync(Messages, $"{{{Hi}}}");
        await UntilAsync(() => server.Model.Engine!.Stats.Queued == 1);

        using HttpResponseMessage refused = await server.PostAsync(Messages, $"{{{Hi}}}");

        gate.Set();
        Assert.Equal(429, (int)refused.StatusCode);
        AssertShape(await ReadAsync(refused), refused, "rate_limit_error");
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.True((await running).IsSuccessStatusCode && (await waiting).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Messages_EngineFailsInAStream_EndsItWithAnErrorEvent()
    {
        List<JsonNode?> events = await FailInStreamAsync(Messages, Hi);
        Assert.Equal("message_start", (string?)events[0]!["type"]);
        Assert.Equal(("error", "api_error"), ((string?)events[^1]!["type"], (string?)events[^1]!["error"]!["type"]));
        Assert.DoesNotContain(events, item => (string?)item!["type"] == "message_stop");
    }

    [Fact]
    public async Task Responses_EngineFailsInAStream_EndsItAsFailed()
    {
        List<JsonNode?> events = await FailInStreamAsync(Responses, "\"model\":\"scripted\",\"input\":\"Hi\"");
        Assert.Equal("response.created", (string?)events[0]!["type"]);
        JsonNode response = events[^1]!["response"]!;
        Assert.Equal(("response.failed", "failed", "server_error"), ((string?)events[^1]!["type"], (string?)response["status"], (string?)response["error"]!["code"]));
    }

    [Theory]
    [InlineData("{\"model\":\"scripted\",\"input\":\"a\",\"store\":true}", 400, "store", "unsupported_value")]
    [InlineData("{\"model\":\"nobody\",\"input\":\"a\"}", 404, "model", "model_not_found")]
    [InlineData("{\"model\":\"scripted\",\"input\":\"a\",\"max_output_tokens\":400}", 400, "input", "context_length_exceeded")]
    [InlineData("{\"model\":\"scripted\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"u\"}]}]}", 400, "input[0].content[0]", "unsupported_value")]
    [InlineData("{\"model\":\"scripted\",\"input\":\"a\",\"tools\":[{\"type\":\"web_search\"}]}", 400, "tools", "unsupported_parameter")]
    [InlineData("{\"model\":\"scripted\",\"input\":\"a\",\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":{\"not\":{}}}}}", 400, "text.format.schema.not", "invalid_value")]
    public async Task Responses_WhatCannotBeServed_IsRefusedByName(string body, int status, string param, string code)
    {
        using HttpResponseMessage response = await _server.PostAsync(Responses, body);
        JsonNode error = (await ReadAsync(response))["error"]!;
        Assert.Equal((status, param, code), ((int)response.StatusCode, (string?)error["param"], (string?)error["code"]));
    }

    private async Task<List<JsonNode?>> FailInStreamAsync(string path, string fields)
    {
        _server.Model.Runner.BeforeRun = _ =>
        {
            if (_server.Model.Runner.Steps.Count > 6)
            {
                throw new InvalidOperationException("The model broke.");
            }
        };
        return await _server.StreamAsync(path, $"{{{fields},\"stream\":true}}");
    }

    private static void AssertShape(JsonObject error, HttpResponseMessage response, string type)
    {
        Assert.Equal(["type", "error", "request_id"], error.Select(field => field.Key));
        Assert.Equal(("error", type), ((string?)error["type"], (string?)error["error"]!["type"]));
        Assert.Equal(response.Headers.GetValues("request-id").Single(), (string?)error["request_id"]);
        Assert.StartsWith("req_", (string?)error["request_id"], StringComparison.Ordinal);
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response)
        => JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
