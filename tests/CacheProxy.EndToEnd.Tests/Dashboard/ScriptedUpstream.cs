using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.EndToEnd.Tests.Support;

namespace CacheProxy.EndToEnd.Tests.Dashboard;

/// <summary>An upstream with OpenAI's chat that always says the same, bills the same and takes the same time, so that every figure of the dashboard is known.</summary>
internal sealed class ScriptedUpstream : IDisposable
{
    /// <summary>Answers 500.</summary>
    public const string BrokenModel = "broken";

    /// <summary>Questions with this word are answered after a second, so that others can join.</summary>
    public const string Slow = "slowly";

    public const int PromptTokens = 1200;
    public const int CachedTokens = 1024;
    public const int CompletionTokens = 80;

    private readonly HttpListener _listener = new();

    public ScriptedUpstream()
    {
        Address = ServerProgram.FreeAddress();
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = ListenAsync();
    }

    public Uri Address { get; }

    public void Dispose() => _listener.Close();

    private async Task ListenAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                _ = AnswerAsync(context);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            JsonNode? request = context.Request.HttpMethod == "POST" ? await JsonNode.ParseAsync(context.Request.InputStream) : null;
            string model = (string?)request?["model"] ?? "";
            string question = (string?)request?["messages"]?.AsArray()[^1]?["content"] ?? "";
            await Task.Delay(question.Contains(Slow, StringComparison.Ordinal) ? 1000 : 40);
            context.Response.StatusCode = model == BrokenModel ? 500 : 200;
            context.Response.ContentType = "application/json";
            byte[] body = Encoding.UTF8.GetBytes(request is null ? """{"object":"list","data":[]}""" : model == BrokenModel ? """{"error":{"message":"It broke.","type":"server_error"}}""" : Completion(model, question));
            await context.Response.OutputStream.WriteAsync(body);
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or JsonException)
        {
            // The proxy left.
        }
    }

    private static string Completion(string model, string question) => JsonSerializer.Serialize(new
    {
        id = "chatcmpl-1",
        @object = "chat.completion",
        created = 1_767_225_600,
        model,
        choices = new[] { new { index = 0, message = new { role = "assistant", content = Text(question) }, finish_reason = "stop" } },
        usage = new
        {
            prompt_tokens = PromptTokens,
            completion_tokens = CompletionTokens,
            total_tokens = PromptTokens + CompletionTokens,
            prompt_tokens_details = new { cached_tokens = CachedTokens },
        },
    });

    // The same answer to the same question in other words: what an audit of a semantic hit compares.
    private static string Text(string question)
        => question.Contains("Japan", StringComparison.Ordinal) ? "The capital of Japan is Tokyo."
            : question.Contains("password", StringComparison.Ordinal) ? "Follow the link under the field of the password, and choose a new one."
            : question.Contains("water", StringComparison.Ordinal) ? "Water boils at one hundred degrees Celsius at sea level."
            : $"This is what there is to say about it: {question}";
}
