using System.Net.Sockets;

namespace Parley.Xmpp.Server.Federation.Outgoing;

/// <summary>Sockets between servers, which may be silent for days: the kernel notices when the other side is gone.</summary>
internal static class PeerSocket
{
    // TCP_USER_TIMEOUT of Linux, in milliseconds: for how long what was sent may be unacknowledged.
    private const int UserTimeout = 18;
    private const int MostUnacknowledged = 45_000;

    /// <summary>Has the kernel look after a minute of silence.</summary>
    public static void KeepAlive(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        if (OperatingSystem.IsLinux()) socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, UserTimeout, BitConverter.GetBytes(MostUnacknowledged));
    }
}
