using System.Net;
using System.Net.Sockets;
using Parley.Media.Core;

namespace Parley.Media.Relay.Native;

/// <summary>
/// A non-blocking UDP socket for <see cref="ReceiveBatch"/> and <see cref="SendQueue"/>. It is never connected, so that an ICMP error about one peer is no error of the
/// socket, and it sets no DF bit, so that a forged ICMP message cannot shrink what may be sent.
/// </summary>
public sealed unsafe class UdpSocket : IDisposable
{
    /// <summary>What is asked for the kernel's buffers: 4 MiB, some 2,000 full packets.</summary>
    public const int DefaultBufferBytes = 4 << 20;

    private readonly FileDescriptor _fd;

    private UdpSocket(FileDescriptor fd, bool isIPv6) => (_fd, IsIPv6) = (fd, isIPv6);

    /// <summary>The descriptor, to be watched.</summary>
    public int Fd => _fd.Number;

    /// <summary>The port that was bound.</summary>
    public int Port => BoundAddress.Port;

    /// <summary>The address and port that were bound; the address may be the any-address.</summary>
    public AddressKey BoundAddress { get; private set; }

    /// <summary>Whether it is bound to any address.</summary>
    public bool IsAny { get; private set; }

    /// <summary>Whether each datagram tells its local address (IP_PKTINFO).</summary>
    public bool TellsLocal { get; private set; }

    /// <summary>Whether the socket's family is IPv6; bound to [::] it may carry both.</summary>
    public bool IsIPv6 { get; }

    /// <summary>What the kernel granted for receiving; twice what was asked where it granted all.</summary>
    public int ReceiveBufferBytes { get; private set; }

    /// <summary>Opens and binds a socket.</summary>
    /// <param name="bind">Where; port 0 lets the kernel choose.</param>
    /// <param name="reusePort">Whether several sockets share the port (SO_REUSEPORT), the kernel spreading the flows.</param>
    /// <param name="bufferBytes">What is asked for each of the kernel's buffers.</param>
    /// <param name="ipv6Only">Whether [::] excludes IPv4.</param>
    /// <param name="tellLocal">Whether, bound to any address, it tells which one a datagram came to; that costs a little each.</param>
    /// <exception cref="SocketException">The port is taken, the address is not ours, and the like.</exception>
    public static UdpSocket Open(IPEndPoint bind, bool reusePort = false, int bufferBytes = DefaultBufferBytes, bool ipv6Only = false, bool tellLocal = true)
    {
        if (!NativeLibraries.IsSupported(out var reason)) throw new PlatformNotSupportedException(reason);
        var isIPv6 = bind.AddressFamily == AddressFamily.InterNetworkV6;
        var number = Libc.Socket(isIPv6 ? Libc.AddressFamilyInet6 : Libc.AddressFamilyInet, Libc.SocketDatagram | Libc.SocketNonBlocking | Libc.SocketCloseOnExec, 0);
        if (number < 0) throw SystemCallException.Last("socket");
        var socket = new UdpSocket(new(number), isIPv6);
        try
        {
            socket.Bind(bind, reusePort, bufferBytes, ipv6Only, tellLocal);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sets or clears the DF bit of what is sent from now on. Either way no path MTU is believed, which anyone may forge by ICMP.</summary>
    /// <exception cref="SocketException">The kernel refuses.</exception>
    public void ForbidFragments(bool forbid)
    {
        var mode = forbid ? Libc.PathMtuProbe : Libc.PathMtuOmit;
        if (IsIPv6) Set(Libc.LevelIpv6, Libc.Ipv6MtuDiscover, mode);
        else Set(Libc.LevelIp, Libc.IpMtuDiscover, mode);
    }

    /// <summary>Keeps ICMP errors about what was sent, for <see cref="ErrorQueue"/>.</summary>
    /// <exception cref="SocketException">The kernel refuses.</exception>
    public void KeepErrors()
    {
        if (IsIPv6) Set(Libc.LevelIpv6, Libc.Ipv6ReceiveErrors, 1);
        else Set(Libc.LevelIp, Libc.IpReceiveErrors, 1);
    }

    /// <inheritdoc/>
    public void Dispose() => _fd.Dispose();

    private void Bind(IPEndPoint bind, bool reusePort, int bufferBytes, bool ipv6Only, bool tellLocal)
    {
        if (IsIPv6) Set(Libc.LevelIpv6, Libc.Ipv6Only, ipv6Only ? 1 : 0);
        if (reusePort) Set(Libc.LevelSocket, Libc.ReusePort, 1);
        SetBuffer(Libc.ReceiveBufferForce, Libc.ReceiveBuffer, bufferBytes);
        SetBuffer(Libc.SendBufferForce, Libc.SendBuffer, bufferBytes);
        if (IsIPv6) Set(Libc.LevelIpv6, Libc.Ipv6MtuDiscover, Libc.PathMtuOmit);
        if (!IsIPv6 || !ipv6Only) Set(Libc.LevelIp, Libc.IpMtuDiscover, Libc.PathMtuOmit);

        var wanted = AddressKey.Of(bind);
        IsAny = NativeAddress.IsAny(wanted);
        TellsLocal = IsAny && tellLocal;
        if (TellsLocal && IsIPv6) Set(Libc.LevelIpv6, Libc.Ipv6ReceivePacketInfo, 1);
        else if (TellsLocal) Set(Libc.LevelIp, Libc.IpPacketInfo, 1);

        var address = stackalloc byte[NativeAddress.Size];
        var length = NativeAddress.Write(new(address, NativeAddress.Size), wanted, IsIPv6);
        if (Libc.Bind(Fd, address, length) != 0) throw SystemCallException.Last("bind", bind.ToString());
        length = NativeAddress.Size;
        if (Libc.GetSocketName(Fd, address, &length) != 0) throw SystemCallException.Last("getsockname");
        BoundAddress = NativeAddress.Read(new(address, length));

        int granted, size = sizeof(int);
        if (Libc.GetOption(Fd, Libc.LevelSocket, Libc.ReceiveBuffer, &granted, &size) != 0) throw SystemCallException.Last("getsockopt");
        ReceiveBufferBytes = granted;
    }

    /// <summary>As root the system's limit may be passed; otherwise what it grants has to do.</summary>
    private void SetBuffer(int force, int plain, int bytes)
    {
        if (Libc.SetOption(Fd, Libc.LevelSocket, force, &bytes, sizeof(int)) != 0) Set(Libc.LevelSocket, plain, bytes);
    }

    private void Set(int level, int option, int value)
    {
        if (Libc.SetOption(Fd, level, option, &value, sizeof(int)) != 0) throw SystemCallException.Last("setsockopt", $"{level}/{option}");
    }
}
