namespace CacheProxy.Forward.Routes;

/// <summary>The paths of Azure's clients: <c>/openai/deployments/{model}/{operation}</c>.</summary>
public static class DeploymentPath
{
    private static readonly PathString Root = "/openai/deployments";

    /// <param name="operation">As <c>/chat/completions</c>.</param>
    public static bool TryRead(PathString path, out string model, out PathString operation)
    {
        (model, operation) = ("", default);
        if (!path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase, out PathString rest) || rest.Value is not { Length: > 1 } text)
        {
            return false;
        }

        int end = text.IndexOf('/', 1);
        if (end < 2 || end == text.Length - 1)
        {
            return false;
        }

        model = text[1..end];
        operation = text[end..];
        return true;
    }
}
