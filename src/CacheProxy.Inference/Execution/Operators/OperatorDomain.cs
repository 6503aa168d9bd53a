using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Inference.Execution.Operators;

/// <summary>The operators of one runner, offered to its session under a domain name. Disposed after the session.</summary>
internal sealed unsafe class OperatorDomain : IDisposable
{
    private readonly OperatorDefinition[] _operators;
    private nint _domain;

    public OperatorDomain(string name, params OperatorDefinition[] operators)
    {
        _operators = operators;
        _domain = OrtKernelApi.CreateDomain(name);
        foreach (OperatorDefinition definition in operators)
        {
            OrtKernelApi.AddOperator(_domain, definition.Native);
        }
    }

    public void AddTo(SessionOptions options) => OrtKernelApi.AddDomain(options.DangerousGetHandle(), _domain);

    public void Dispose()
    {
        if (_domain != 0)
        {
            OrtKernelApi.ReleaseDomain(_domain);
            _domain = 0;
            Array.ForEach(_operators, definition => definition.Dispose());
        }
    }
}
