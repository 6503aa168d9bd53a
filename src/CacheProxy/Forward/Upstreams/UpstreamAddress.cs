using CacheProxy.Exchange;

namespace CacheProxy.Forward.Upstreams;

/// <summary>From a client's path to the upstream's: the same for all but Azure, whose models are in the path.</summary>
internal sealed class UpstreamAddress(UpstreamKind kind, string baseUrl, string apiVersion)
{
    private const string AzureRoot = "/openai";

    private readonly bool _isAzure = kind == UpstreamKind.Azure;

    // https://NAME.openai.azure.com/openai/v1 is Azure's API without deployment paths and versions.
    private readonly bool _isAzureV1 = kind == UpstreamKind.Azure && baseUrl.EndsWith(AzureRoot, StringComparison.OrdinalIgnoreCase);

    public string ModelsPath => _isAzure && !_isAzureV1 ? AzureRoot + "/v1/models" : "/v1/models";

    /// <returns>Null: the client's path and query, behind the base address.</returns>
    /// <param name="rawTarget">Path and query as the client spelled them: a decoded path cannot tell <c>%2F</c> from <c>%252F</c>.</param>
    public Uri? Of(PathString path, QueryString query, Dialect? dialect, string? model, string? rawTarget = null)
    {
        if (!_isAzure)
        {
            return path.Value?.Contains('%') == true && IsPlain(rawTarget) ? new Uri(baseUrl + rawTarget, UriKind.Absolute) : null;
        }

        bool isAzurePath = path.StartsWithSegments(AzureRoot, StringComparison.OrdinalIgnoreCase, out PathString behindRoot);
        if (_isAzureV1)
        {
            return Combine(isAzurePath ? behindRoot : path, query);
        }

        if (model is not null && dialect is Dialect.OpenAIChat or Dialect.OpenAICompletions or Dialect.OpenAIEmbeddings
            && path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase, out PathString operation))
        {
            return Combine($"{AzureRoot}/deployments/{model}{operation}", WithVersion(query));
        }

        return Combine(isAzurePath ? path : AzureRoot + path, query);
    }

    // Dots are resolved in the path that was judged; resolved again behind the base address they could lead out of it.
    private static bool IsPlain(string? target)
        => target is ['/', ..] && !target.Contains("..", StringComparison.Ordinal) && !target.Contains("%2e", StringComparison.OrdinalIgnoreCase);

    private Uri Combine(PathString path, QueryString query) => new(baseUrl + path.ToUriComponent() + query.ToUriComponent(), UriKind.Absolute);

    private QueryString WithVersion(QueryString query)
        => query.Value?.Contains("api-version=", StringComparison.OrdinalIgnoreCase) == true ? query : query.Add("api-version", apiVersion);
}
