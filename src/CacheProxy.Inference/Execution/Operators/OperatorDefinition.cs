using System.Runtime.InteropServices;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Operators;

/// <summary>An operator as the runtime sees it, backed by a managed <see cref="OperatorKernel"/> per node.</summary>
/// <remarks>Must outlive every session that was opened with it.</remarks>
internal sealed unsafe class OperatorDefinition : IDisposable
{
    private readonly int _inputs;
    private readonly int _outputs;
    private readonly ulong _optionalInputs;
    private readonly OnnxType[] _inputTypes;
    private readonly Func<nint, OperatorKernel> _create;
    private GCHandle _self;

    /// <param name="name">Operator type in the graph.</param>
    /// <param name="inputs">Number of inputs, optional ones included.</param>
    /// <param name="optionalInputs">Bit i: input i may be absent.</param>
    /// <param name="outputs">Number of outputs.</param>
    /// <param name="create">Makes the kernel of a node from the runtime's OrtKernelInfo.</param>
    /// <param name="inputTypes">Types of the inputs; those without one are floats, as all outputs are.</param>
    public OperatorDefinition(string name, int inputs, ulong optionalInputs, int outputs, Func<nint, OperatorKernel> create, params OnnxType[] inputTypes)
    {
        (_inputs, _optionalInputs, _outputs, _create, _inputTypes) = (inputs, optionalInputs, outputs, create, inputTypes);
        _self = GCHandle.Alloc(this);
        Native = (NativeOperator*)NativeMemory.AllocZeroed((nuint)sizeof(NativeOperator));
        *Native = new NativeOperator
        {
            Version = NativeOperator.ApiVersion,
            GetName = &GetName,
            GetExecutionProvider = &GetExecutionProvider,
            GetInputType = &GetInputType,
            GetInputCount = &GetInputCount,
            GetOutputType = &GetOutputType,
            GetOutputCount = &GetOutputCount,
            DestroyKernel = &DestroyKernel,
            GetInputCharacteristic = &GetInputCharacteristic,
            GetOutputCharacteristic = &GetZero,
            GetInputMemoryType = &GetZero,
            GetVariadicInputMinArity = &GetOne,
            GetVariadicInputHomogeneity = &GetOne,
            GetVariadicOutputMinArity = &GetOne,
            GetVariadicOutputHomogeneity = &GetOne,
            CreateKernelV2 = &CreateKernel,
            ComputeV2 = &Compute,
            GetStartVersion = &GetOne,
            GetEndVersion = &GetLastVersion,
            Definition = GCHandle.ToIntPtr(_self),
            Name = (byte*)Marshal.StringToCoTaskMemUTF8(name),
        };
    }

    public NativeOperator* Native { get; private set; }

    public void Dispose()
    {
        if (Native is not null)
        {
            Marshal.FreeCoTaskMem((nint)Native->Name);
            NativeMemory.Free(Native);
            Native = null;
            _self.Free();
        }
    }

    private static OperatorDefinition Self(NativeOperator* native) => (OperatorDefinition)GCHandle.FromIntPtr(native->Definition).Target!;

    [UnmanagedCallersOnly]
    private static byte* GetName(NativeOperator* native) => native->Name;

    /// <summary>Null: the CPU.</summary>
    [UnmanagedCallersOnly]
    private static byte* GetExecutionProvider(NativeOperator* native) => null;

    [UnmanagedCallersOnly]
    private static int GetInputType(NativeOperator* native, nuint index)
    {
        OnnxType[] types = Self(native)._inputTypes;
        return (int)((int)index < types.Length ? types[(int)index] : OnnxType.Float);
    }

    [UnmanagedCallersOnly]
    private static int GetOutputType(NativeOperator* native, nuint index) => (int)OnnxType.Float;

    [UnmanagedCallersOnly]
    private static nuint GetInputCount(NativeOperator* native) => (nuint)Self(native)._inputs;

    [UnmanagedCallersOnly]
    private static nuint GetOutputCount(NativeOperator* native) => (nuint)Self(native)._outputs;

    [UnmanagedCallersOnly]
    private static int GetInputCharacteristic(NativeOperator* native, nuint index) => (int)((Self(native)._optionalInputs >> (int)index) & 1);

    [UnmanagedCallersOnly]
    private static int GetZero(NativeOperator* native, nuint index) => 0;

    [UnmanagedCallersOnly]
    private static int GetOne(NativeOperator* native) => 1;

    [UnmanagedCallersOnly]
    private static int GetLastVersion(NativeOperator* native) => int.MaxValue;

    [UnmanagedCallersOnly]
    private static nint CreateKernel(NativeOperator* native, nint api, nint kernelInfo, nint* kernel)
    {
        try
        {
            *kernel = Self(native)._create(kernelInfo).Pin();
            return 0;
        }
        catch (Exception fault)
        {
            return OrtKernelApi.CreateStatus(fault.Message);
        }
    }

    [UnmanagedCallersOnly]
    private static void DestroyKernel(nint kernel) => ((OperatorKernel)GCHandle.FromIntPtr(kernel).Target!).Unpin();

    [UnmanagedCallersOnly]
    private static nint Compute(nint kernel, nint context)
    {
        try
        {
            ((OperatorKernel)GCHandle.FromIntPtr(kernel).Target!).Compute(new OperatorContext(context));
            return 0;
        }
        catch (Exception fault)
        {
            return OrtKernelApi.CreateStatus(fault.Message);
        }
    }
}
