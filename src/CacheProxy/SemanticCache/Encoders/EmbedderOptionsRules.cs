using System.ComponentModel.DataAnnotations;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>The rules of <see cref="EmbedderOptions"/>, attributes and what none can say. Every fault names its key and what is allowed.</summary>
public static class EmbedderOptionsRules
{
    public static IEnumerable<string> Check(EmbedderOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        foreach (ValidationResult result in results)
        {
            yield return $"{EmbedderOptions.Section}:{string.Join(", ", result.MemberNames)}: {result.ErrorMessage}";
        }

        if (options.Kind is not (EmbedderOptions.BundledKind or EmbedderOptions.OnnxKind or EmbedderOptions.EndpointKind))
        {
            yield return Fault(nameof(options.Kind), $"'{options.Kind}' is unknown; use 'bundled', 'onnx' or 'endpoint'");
        }

        if (options.Pooling is not (EmbedderOptions.MeanPooling or EmbedderOptions.ClassifyPooling))
        {
            yield return Fault(nameof(options.Pooling), $"'{options.Pooling}' is unknown; use 'mean' or 'cls'");
        }

        foreach (string fault in OfKind(options))
        {
            yield return fault;
        }
    }

    // What belongs to another kind is most likely a Kind that was forgotten.
    private static IEnumerable<string> OfKind(EmbedderOptions options)
    {
        bool isOnnx = options.Kind == EmbedderOptions.OnnxKind, isEndpoint = options.Kind == EmbedderOptions.EndpointKind;
        if (isOnnx && options.Folder.Length == 0)
        {
            yield return Fault(nameof(options.Folder), "needed for the kind 'onnx'");
        }
        else if (!isOnnx && options.Folder.Length > 0)
        {
            yield return Fault(nameof(options.Folder), $"only for the kind 'onnx'; Kind is '{options.Kind}'");
        }

        if (isEndpoint && !(Uri.TryCreate(options.Url, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"))
        {
            yield return Fault(nameof(options.Url), "not an http:// or https:// address");
        }
        else if (!isEndpoint && options.Url.Length > 0)
        {
            yield return Fault(nameof(options.Url), $"only for the kind 'endpoint'; Kind is '{options.Kind}'");
        }

        if (isEndpoint && options.Model.Length == 0)
        {
            yield return Fault(nameof(options.Model), "needed for the kind 'endpoint'");
        }

        if (isEndpoint && options.Dimensions == 0)
        {
            yield return Fault(nameof(options.Dimensions), "needed for the kind 'endpoint', 1 to 8192");
        }

        if (!isOnnx && !isEndpoint && (options.QueryPrefix.Length > 0 || options.PassagePrefix.Length > 0))
        {
            yield return Fault(nameof(options.QueryPrefix), "the bundled encoder knows no prefixes; leave QueryPrefix and PassagePrefix empty");
        }
    }

    private static string Fault(string key, string what) => $"{EmbedderOptions.Section}:{key}: {what}.";
}
