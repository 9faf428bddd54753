using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using Parley.Media.Core.Stun;
using Parley.Media.Core.Turn;
using Parley.Media.Relay.Turn;
using Parley.Plugin.Abstractions;
using Parley.Plugins.MediaRelay;

namespace Parley.tests.Plugins.MediaRelay;

internal static class TurnLab
{
    public static TurnSetup Setup(IServerInfo server, TurnOptions options, IConnectionListeners? listeners = null) =>
        new(Microsoft.Extensions.Options.Options.Create(options), server, listeners ?? Listeners(), Substitute.For<ITurnKeys>(), NullLogger<TurnRelay>.Instance);

    /// <summary>Listeners that are open, by key.</summary>
    public static IConnectionListeners Listeners(params (string Key, int Port)[] open)
    {
        var listeners = Substitute.For<IConnectionListeners>();
        listeners.PortOf(Arg.Any<string>()).Returns((int?)null);
        foreach (var (key, port) in open) listeners.PortOf(key).Returns(port);
        return listeners;
    }

    /// <summary>Whether a STUN server answers at a loopback port.</summary>
    public static bool AnswersBinding(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2000 };
        socket.Connect(IPAddress.Loopback, port);
        var request = new StunWriter(new byte[100], StunClass.Request, StunMethod.Binding, new byte[12]);
        var answer = new byte[200];
        try
        {
            socket.Send(request.Written);
            return StunMessage.TryParse(answer.AsSpan(0, socket.Receive(answer)), out var message) && message.Class == StunClass.Success;
        }
        catch (SocketException)
        {
            return false; // nobody listens, or nobody answers in time
        }
    }
}
