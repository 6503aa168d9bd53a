using System.Net.Http.Headers;
using System.Text;

namespace CacheProxy.Tests.Functional.Upstreams;

/// <summary>What the tests of upstreams share: settings for several of them, and requests of every dialect.</summary>
internal static class Setup
{
    public const string Messages = "/v1/messages";
    public const string Chat = "/v1/chat/completions";

    /// <summary>Upstreams that fail at once instead of trying again on a clock that stands still.</summary>
    /// <param name="more">Further settings; those of upstream 0 as <c>0:Key</c>, others by their whole name.</param>
    public static Dictionary<string, string> For(IReadOnlyList<(string Name, string Url)> upstreams, params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>();
        foreach ((int index, (string name, string url)) in upstreams.Index())
        {
            settings[$"Upstreams:{index}:Name"] = name;
            settings[$"Upstreams:{index}:BaseUrl"] = url + "/v1";
            settings[$"Upstreams:{index}:Retries"] = "0";
        }

        foreach ((string key, string value) in more)
        {
            settings[char.IsDigit(key[0]) ? "Upstreams:" + key : key] = value;
        }

        return settings;
    }

    /// <summary>A route <c>r</c> for the model <c>m</c>: the first upstream, then the others as fall-backs.</summary>
    public static (string Key, string Value)[] Fallbacks(string first, params string[] others)
        => [("Routes:0:Name", "r"), ("Routes:0:Models", "m"), ("Routes:0:Destinations:0:Upstream", first),
            .. others.Index().Select(other => ($"Routes:0:Fallbacks:{other.Index}:Upstream", other.Item))];

    public static async Task<Reply> PostAsync(this ProxyUnderTest proxy, string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return new Reply(response, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    public static string ClosedPort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}";
    }

    /// <summary>Moves the clock until the task is done.</summary>
    public static async Task<T> RunClockAsync<T>(this ProxyUnderTest proxy, Task<T> task, double stepSeconds = 0.5)
    {
        await Stores.Wait.UntilAsync(
            () =>
            {
                proxy.Clock.Advance(TimeSpan.FromSeconds(stepSeconds));
                return task.IsCompleted;
            },
            "the request");
        return await task;
    }
}
