using System.Net;
using System.Net.Sockets;

namespace Parley.Doctor.Network;

/// <summary>Something did not answer as it should: a fault for people to read.</summary>
internal sealed class ReachException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether it is a refusal of the server's (such as a wrong password), not of the way to it.</summary>
    public bool IsRefusal { get; init; }
}

/// <summary>Opens connections.</summary>
internal static class Reach
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Connects over TCP.</summary>
    /// <exception cref="ReachException">It cannot be reached.</exception>
    public static async Task<NetworkStream> ConnectAsync(IPAddress address, int port, CancellationToken ct)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(Patience);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), over.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            socket.Dispose();
            throw new ReachException(e is SocketException ? e.Message : $"no answer within {Patience.TotalSeconds:0} s", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Why a TCP port cannot be reached; null if it can.</summary>
    public static async Task<string?> TryConnectAsync(IPAddress address, int port, CancellationToken ct)
    {
        try
        {
            await using var stream = await ConnectAsync(address, port, ct);
            return null;
        }
        catch (ReachException e)
        {
            return e.Message;
        }
    }
}
