namespace Parley.Media.Core.Forwarding;

/// <summary>The transport-wide sequence number of what one transport sends.</summary>
public sealed class TransportSequencer
{
    private ushort _next;

    /// <summary>The next packet's.</summary>
    public ushort Take() => _next++;
}
