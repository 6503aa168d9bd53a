using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Routes;
using CacheProxy.Forward.Upstreams;

namespace CacheProxy.Forward.Routes;

/// <summary>
/// <c>GET /v1/models</c> where there is more than one way to go: what each upstream lists and its routes take, and the names that only the settings know. In Anthropic's
/// form for clients that send <c>anthropic-version</c>. An upstream that does not answer is left out.
/// </summary>
public sealed partial class ModelCatalog(UpstreamDirectory upstreams, PassThrough passThrough, TimeProvider clock, ILogger<ModelCatalog> logger)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public async Task ListAsync(HttpContext context)
    {
        RouteTable table = upstreams.Table;
        if (!table.IsManifold)
        {
            await passThrough.InvokeAsync(context);
            return;
        }

        var lists = await Task.WhenAll(table.Upstreams.Select(upstream => FetchAsync(upstream, table, context)));
        var models = new SortedDictionary<string, ListedModel>(StringComparer.Ordinal);
        foreach (ListedModel model in lists.SelectMany(list => list))
        {
            models.TryAdd(model.Id, model);
        }

        foreach ((NamePatterns patterns, UpstreamTarget first, _) in table.Ways)
        {
            foreach (string name in patterns.Names)
            {
                models.TryAdd(name, new ListedModel(name, clock.GetUtcNow().ToUnixTimeSeconds(), first.Name));
            }
        }

        await WriteAsync(context, [.. models.Values]);
    }

    /// <summary><c>GET /v1/models/{id}</c>: the upstream's own answer, or ours for a name that it does not know.</summary>
    public async Task GetAsync(HttpContext context)
    {
        string id = context.Request.RouteValues["id"] as string ?? "";
        RouteTable table = upstreams.Table;
        if (id.Length == 0 || !table.IsManifold)
        {
            await ListAsync(context);
            return;
        }

        UpstreamRoute? route = table.FindAny(id);
        if (route is null)
        {
            await ErrorReply.WriteAsync(context, Protocol.OpenAI.RequestError.ModelNotFound(id));
            return;
        }

        var first = (Upstream)route.Destinations[0].Target;
        bool isOwnName = route.ModelOf(id) == id && route.Destinations[0].Model is null or "";
        ListedModel? listed = isOwnName ? (await FetchAsync(first, table, context)).Find(model => model.Id == id) : null;
        await WriteAsync(context, listed ?? new ListedModel(id, clock.GetUtcNow().ToUnixTimeSeconds(), first.Name));
    }

    private async Task<List<ListedModel>> FetchAsync(Upstream upstream, RouteTable table, HttpContext context)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, upstream.BaseUrl + upstream.Address.ModelsPath);
            AddHeaders(request, upstream, table, context.Request.Headers);
            using var late = new CancellationTokenSource(Limit, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
            using HttpResponseMessage response = await upstream.Client.Invoker.SendAsync(request, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                Log.NotListed(logger, upstream.Name, $"status {(int)response.StatusCode}");
                return [];
            }

            using JsonDocument list = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(either.Token), cancellationToken: either.Token);
            return [.. ListedModel.Read(list.RootElement, upstream.Name).Where(model => IsServedBy(table.FindAny(model.Id), upstream))];
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException or OperationCanceledException)
        {
            context.RequestAborted.ThrowIfCancellationRequested();
            Log.NotListed(logger, upstream.Name, exception.Message);
            return [];
        }
    }

    private static void AddHeaders(HttpRequestMessage request, Upstream upstream, RouteTable table, IHeaderDictionary client)
    {
        if (upstream.Credential.Key is { } key)
        {
            upstream.AddKey(request, key);
        }
        else if (upstream == table.Upstreams[0] || upstream.Options.ForwardClientCredentials)
        {
            foreach (string name in new[] { "Authorization", "api-key", "x-api-key" })
            {
                request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)client[name]);
            }
        }

        if (upstream.Profile.RequiredHeader is { } required)
        {
            request.Headers.TryAddWithoutValidation(required.Name, required.Value);
        }
    }

    private static bool IsServedBy(UpstreamRoute? route, Upstream upstream)
        => route is not null && route.Destinations.Concat(route.Fallbacks).Any(destination => destination.Target == upstream);

    private static Task WriteAsync(HttpContext context, ListedModel[] models) => WriteAsync(context, (writer, isAnthropic) =>
    {
        writer.WriteStartObject();
        if (!isAnthropic)
        {
            writer.WriteString("object"u8, "list"u8);
        }

        writer.WriteStartArray("data"u8);
        foreach (ListedModel model in models)
        {
            model.Write(writer, isAnthropic);
        }

        writer.WriteEndArray();
        if (isAnthropic)
        {
            writer.WriteBoolean("has_more"u8, false);
            writer.WriteString("first_id"u8, models.FirstOrDefault()?.Id);
            writer.WriteString("last_id"u8, models.LastOrDefault()?.Id);
        }

        writer.WriteEndObject();
    });

    private static Task WriteAsync(HttpContext context, ListedModel model) => WriteAsync(context, model.Write);

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter, bool> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            write(writer, context.Request.Headers.ContainsKey("anthropic-version"));
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = output.WrittenCount;
        await context.Response.Body.WriteAsync(output.WrittenMemory, context.RequestAborted);
    }

    /// <param name="Created">Unix seconds.</param>
    /// <param name="Raw">The upstream's own words in OpenAI's form; null: there are none.</param>
    private sealed record ListedModel(string Id, long Created, string OwnedBy, string? DisplayName = null, JsonElement? Raw = null)
    {
        public static IEnumerable<ListedModel> Read(JsonElement root, string upstream)
        {
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("data", out JsonElement data) || data.ValueKind != JsonValueKind.Array)
            {
                yield break;
            }

            foreach (JsonElement item in data.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.Object || Text(item, "id") is not { } id)
                {
                    continue;
                }

                bool isOpenAI = item.TryGetProperty("object", out _);
                long created = item.TryGetProperty("created", out JsonElement seconds) && seconds.TryGetInt64(out long given) ? given
                    : DateTimeOffset.TryParse(Text(item, "created_at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time.ToUnixTimeSeconds()
                    : 0;
                yield return new ListedModel(id, created, Text(item, "owned_by") ?? upstream, Text(item, "display_name"), isOpenAI ? item.Clone() : null);
            }
        }

        public void Write(Utf8JsonWriter writer, bool isAnthropic)
        {
            if (!isAnthropic && Raw is { } raw)
            {
                raw.WriteTo(writer);
                return;
            }

            writer.WriteStartObject();
            if (isAnthropic)
            {
                writer.WriteString("type"u8, "model"u8);
                writer.WriteString("id"u8, Id);
                writer.WriteString("display_name"u8, DisplayName ?? Id);
                writer.WriteString("created_at"u8, DateTimeOffset.FromUnixTimeSeconds(Created).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            }
            else
            {
                writer.WriteString("id"u8, Id);
                writer.WriteString("object"u8, "model"u8);
                writer.WriteNumber("created"u8, Created);
                writer.WriteString("owned_by"u8, OwnedBy);
            }

            writer.WriteEndObject();
        }

        private static string? Text(JsonElement item, string name)
            => item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private static partial class Log
    {
        [LoggerMessage(821, LogLevel.Warning, "The models of {Upstream} are not listed: {Reason}", EventName = "ModelsNotListed")]
        public static partial void NotListed(ILogger logger, string upstream, string reason);
    }
}
