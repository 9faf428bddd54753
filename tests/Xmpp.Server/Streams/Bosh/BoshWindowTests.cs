using System.Text;
using Parley.Xmpp.Server.Streams.Bosh;

namespace Parley.tests.Xmpp.Server.Streams.Bosh;

/// <summary>The order of requests without any.</summary>
public sealed class BoshWindowTests
{
    private readonly BoshWindow<string> _window = new(first: 7, most: 3);

    [Fact]
    public void Requests_are_taken_in_order_whatever_order_they_come_in()
    {
        Assert.Equal(BoshOrder.Taken, Receive(8, "b"));
        Assert.Null(_window.Next());
        Assert.Equal(BoshOrder.Taken, Receive(7, "a"));
        Assert.Equal("a", _window.Next());
        Assert.Equal("b", _window.Next());
        Assert.Null(_window.Next());
        Assert.Equal("a", _window.Answer(Bytes("1")));
        Assert.Equal("b", _window.Answer(Bytes("2")));
        Assert.Null(_window.Answer(Bytes("3")));
    }

    [Fact]
    public void The_last_answers_are_given_again_and_older_ones_are_gone()
    {
        for (var rid = 7; rid < 11; rid++)
        {
            Receive(rid, $"{rid}");
            _window.Next();
            _window.Answer(Bytes($"answer {rid}"));
        }

        Assert.Equal(BoshOrder.Outside, Receive(7, "again"));
        for (var rid = 8; rid < 11; rid++)
        {
            Assert.Equal(BoshOrder.Answered, _window.Receive(rid, "again", out var answer, out _));
            Assert.Equal($"answer {rid}", Encoding.UTF8.GetString(answer.Span));
        }
    }

    [Fact]
    public void Whoever_asks_again_before_the_answer_takes_the_place()
    {
        Receive(7, "a");
        Receive(8, "early");
        Assert.Equal(BoshOrder.Repeated, _window.Receive(8, "b", out _, out var former));
        Assert.Equal("early", former);
        _window.Next();
        _window.Next();
        Assert.Equal(BoshOrder.Repeated, _window.Receive(7, "a again", out _, out former));
        Assert.Equal("a", former);
        Assert.Equal("a again", _window.Answer(Bytes("1")));
        Assert.Null(_window.Answer("a", Bytes("x")));
        Assert.Equal("b", _window.Answer("b", Bytes("2")));
    }

    [Theory]
    [InlineData(6, false)]
    [InlineData(7, true)]
    [InlineData(9, true)]
    [InlineData(10, false)]
    public void So_many_may_be_under_way(long rid, bool isTaken) => Assert.Equal(isTaken ? BoshOrder.Taken : BoshOrder.Outside, Receive(rid, "x"));

    [Fact]
    public void All_that_is_not_answered_can_be_taken()
    {
        Receive(7, "a");
        _window.Next();
        Receive(9, "c");
        Assert.Equal(["a", "c"], _window.TakeAll());
        Assert.Equal(0, _window.Open);
    }

    private BoshOrder Receive(long rid, string request) => _window.Receive(rid, request, out _, out _);

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
