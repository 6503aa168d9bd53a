using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Execution.Operators;

/// <summary>
/// OrtCustomOp of onnxruntime_c_api.h, version 24, followed by our own handle: the runtime hands the same address back to every
/// callback, so no static state connects an operator with its owner.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeOperator
{
    public const uint ApiVersion = 24;

    public uint Version;
    public delegate* unmanaged<NativeOperator*, nint, nint, nint> CreateKernel;
    public delegate* unmanaged<NativeOperator*, byte*> GetName;
    public delegate* unmanaged<NativeOperator*, byte*> GetExecutionProvider;
    public delegate* unmanaged<NativeOperator*, nuint, int> GetInputType;
    public delegate* unmanaged<NativeOperator*, nuint> GetInputCount;
    public delegate* unmanaged<NativeOperator*, nuint, int> GetOutputType;
    public delegate* unmanaged<NativeOperator*, nuint> GetOutputCount;
    public delegate* unmanaged<nint, nint, void> Compute;
    public delegate* unmanaged<nint, void> DestroyKernel;
    public delegate* unmanaged<NativeOperator*, nuint, int> GetInputCharacteristic;
    public delegate* unmanaged<NativeOperator*, nuint, int> GetOutputCharacteristic;
    public delegate* unmanaged<NativeOperator*, nuint, int> GetInputMemoryType;
    public delegate* unmanaged<NativeOperator*, int> GetVariadicInputMinArity;
    public delegate* unmanaged<NativeOperator*, int> GetVariadicInputHomogeneity;
    public delegate* unmanaged<NativeOperator*, int> GetVariadicOutputMinArity;
    public delegate* unmanaged<NativeOperator*, int> GetVariadicOutputHomogeneity;
    public delegate* unmanaged<NativeOperator*, nint, nint, nint*, nint> CreateKernelV2;
    public delegate* unmanaged<nint, nint, nint> ComputeV2;
    public nint InferOutputShape;
    public delegate* unmanaged<NativeOperator*, int> GetStartVersion;
    public delegate* unmanaged<NativeOperator*, int> GetEndVersion;
    public nint GetMayInplace;
    public nint ReleaseMayInplace;
    public nint GetAliasMap;
    public nint ReleaseAliasMap;

    /// <summary>GCHandle of the <see cref="OperatorDefinition"/>.</summary>
    public nint Definition;

    /// <summary>UTF-8 name, zero-terminated.</summary>
    public byte* Name;
}
