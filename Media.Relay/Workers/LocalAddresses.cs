using System.Collections.Frozen;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Parley.Media.Core.Turn;

namespace Parley.Media.Relay.Workers;

/// <summary>This machine's addresses, looked up again from time to time: a laptop changes its network, and a container gets one late.</summary>
internal sealed class LocalAddresses : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly bool _isLoopbackOnly;
    private readonly Timer? _timer;
    private volatile Snapshot _current;

    /// <summary>Looks them up.</summary>
    /// <param name="isLoopbackOnly">Whether nobody but this machine is heard.</param>
    public LocalAddresses(bool isLoopbackOnly)
    {
        _isLoopbackOnly = isLoopbackOnly;
        _current = Read();
        _timer = new(_ => _current = Read(), null, Period, Period);
    }

    /// <summary>Fixed ones, for tests.</summary>
    public LocalAddresses(bool isLoopbackOnly, IReadOnlyList<IPAddress> fixedOnes)
    {
        _isLoopbackOnly = isLoopbackOnly;
        _current = Of(fixedOnes);
    }

    /// <summary>The interfaces' addresses without loopback and link-local ones, IPv4 first.</summary>
    public IReadOnlyList<IPAddress> Interfaces => _current.Interfaces;

    /// <summary>Who is heard; null for everybody.</summary>
    public FrozenSet<UInt128>? AllowedSources => _current.Allowed;

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private Snapshot Read()
    {
        try
        {
            return Of([.. NetworkInterface.GetAllNetworkInterfaces()
                .Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                .SelectMany(i => i.GetIPProperties().UnicastAddresses)
                .Select(u => u.Address)]);
        }
        catch (Exception e) when (_current is not null && e is (NetworkInformationException or IOException or UnauthorizedAccessException))
        {
            return _current; // an interface went away meanwhile; the next look sees how it is
        }
    }

    private Snapshot Of(IReadOnlyList<IPAddress> all)
    {
        var offered = all.Where(a => !IPAddress.IsLoopback(a) && !a.IsIPv6LinkLocal && !a.IsIPv6Multicast).Distinct().OrderBy(a => a.AddressFamily == AddressFamily.InterNetworkV6).ToList();
        var own = all.Append(IPAddress.Loopback).Append(IPAddress.IPv6Loopback).Select(AddressBits.Of).ToFrozenSet();
        return new(offered, _isLoopbackOnly ? own : null);
    }

    private sealed record Snapshot(IReadOnlyList<IPAddress> Interfaces, FrozenSet<UInt128>? Allowed);
}
