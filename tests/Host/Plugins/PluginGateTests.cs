using Parley.Plugin.Abstractions;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Host.Plugins;

public sealed class PluginGateTests
{
    [Fact]
    public async Task Closing_waits_for_those_inside_and_lets_nobody_in()
    {
        var gate = new PluginGate();
        Assert.True(gate.TryEnter());

        var closing = gate.CloseAsync(TimeSpan.FromSeconds(30));
        Assert.False(gate.TryEnter());
        Assert.False(closing.IsCompleted);
        gate.Exit();

        Assert.True(await closing);
    }

    [Fact]
    public async Task Closing_does_not_wait_for_ever()
    {
        var gate = new PluginGate();
        gate.TryEnter();

        Assert.False(await gate.CloseAsync(TimeSpan.FromMilliseconds(10)));
    }

    [Fact]
    public void What_was_held_is_let_go()
    {
        var gate = new PluginGate();
        var held = gate.Hold("x");
        Assert.Equal("x", held.Value);

        gate.Release();

        Assert.Throws<ObjectDisposedException>(() => held.Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_decides_later_stays_inside_until_then(bool isAtOnce)
    {
        var gate = new PluginGate();
        var called = new TaskCompletionSource();
        var (write, decision) = (new TaskCompletionSource(), new TaskCompletionSource());
        var guarded = new GuardedMessageInterceptor(gate, new Later(isAtOnce ? Task.CompletedTask : called.Task, write.Task, decision.Task));
        var running = guarded.OnMessageAsync(new Message(new Element("message", "jabber:client")), new StanzaContext(StanzaPoint.FromLocalSession, new SenderInfo(SenderKind.Account), "one.test"), TestContext.Current.CancellationToken);
        called.SetResult();
        var deferral = (await running).Deferred!;
        var closing = gate.CloseAsync(TimeSpan.FromSeconds(30));
        Assert.Same(write.Task, deferral.Until);
        var deciding = deferral.Decide().AsTask();
        Assert.False(closing.IsCompleted);
        decision.SetException(new IOException("No space left on device"));
        await Assert.ThrowsAsync<IOException>(() => deciding);
        Assert.True(await closing);
    }

    private sealed class Later(Task call, Task until, Task decision) : IMessageInterceptor
    {
        public async ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
        {
            await call;
            return Interception.Later(new Deferral(until, async () =>
            {
                await decision;
                return Interception.Continue;
            }));
        }
    }
}
