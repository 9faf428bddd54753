using System.Net;
using System.Net.Sockets;

namespace Parley.Server.Host.Doctor;

/// <summary>Tries connections.</summary>
internal static class Reach
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Connects over TCP; null if it worked, else why it did not.</summary>
    public static async Task<string?> ConnectAsync(IPAddress address, int port, CancellationToken ct, Func<Stream, CancellationToken, Task>? then = null)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(Patience);
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(address, port), over.Token);
            await using var stream = new NetworkStream(socket);
            if (then is not null) await then(stream, over.Token);
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"no answer within {Patience.TotalSeconds:0} s";
        }
        catch (Exception e) when (e is SocketException or IOException or System.Security.Authentication.AuthenticationException)
        {
            return e.Message;
        }
    }

    /// <summary>Asks a STUN server over UDP, three times since datagrams get lost; the address that it saw, or why there is none.</summary>
    public static async Task<(IPEndPoint? Seen, string? Fault)> BindAsync(IPAddress address, int port, CancellationToken ct)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(new IPEndPoint(address, port), ct);
            var request = StunBinding.Request();
            var buffer = new byte[1500];
            for (var attempt = 0; attempt < 3; attempt++)
            {
                await socket.SendAsync(request, ct);
                using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
                over.CancelAfter(TimeSpan.FromSeconds(1));
                try
                {
                    while (true)
                    {
                        var length = await socket.ReceiveAsync(buffer, over.Token);
                        if (StunBinding.TryRead(buffer.AsSpan(0, length), request, out var seen)) return (seen, null);
                    }
                }
                catch (OperationCanceledException) when (!ct.IsCancellationRequested)
                {
                    // Ask again.
                }
            }

            return (null, "no answer within 3 s");
        }
        catch (SocketException e)
        {
            return (null, e.Message);
        }
    }
}
