using Parley.Server.Host.Plugins;

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
}
