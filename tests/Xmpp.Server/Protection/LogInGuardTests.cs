using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Protection;

namespace Parley.tests.Xmpp.Server.Protection;

/// <summary>Guessing is slow, and locks nobody out.</summary>
public sealed class LogInGuardTests
{
    private static readonly Jid Ann = "ann@one.test", Ben = "ben@one.test";
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1"), Elsewhere = IPAddress.Parse("198.51.100.1");

    private readonly FakeTimeProvider _time = new();
    private readonly WarningLog<LimitLog> _written = new();
    private readonly LogInGuard _guard;

    public LogInGuardTests() => _guard = New(new StreamLimits());

    [Fact]
    public void One_address_guesses_at_one_account_slowly()
    {
        Assert.Equal(20, Guesses(Ann, Elsewhere, 1000));
        Assert.StartsWith("Limit met by 198.51.100.1 as ann@one.test: too many wrong passwords", Assert.Single(_written.Warnings).Text, StringComparison.Ordinal);
        var more = 0;
        for (var minute = 0; minute < 60; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            more += Guesses(Ann, Elsewhere, 100);
        }

        Assert.Equal(180, more);
    }

    [Fact]
    public void The_account_is_not_locked_for_its_owner()
    {
        Guesses(Ann, Elsewhere, 1000);
        Assert.True(_guard.TryBegin(Ann, Home));
        _guard.Succeeded(Ann, Home);
        Guesses(Ann, Elsewhere, 1000);
        Assert.Equal(20, Guesses(Ann, Home, 100));
    }

    [Fact]
    public void Others_behind_the_same_address_get_in()
    {
        _guard.Succeeded(Ben, Elsewhere);
        Guesses(Ann, Elsewhere, 1000);
        for (var i = 0; i < 100; i++) Guesses($"user{i}@one.test", Elsewhere, 100);
        // Who has been there before by right goes by what is theirs alone.
        Assert.Equal(20, Guesses(Ben, Elsewhere, 100));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_guard.TryBegin("newcomer@one.test", Elsewhere));
    }

    [Fact]
    public void A_hundred_newcomers_get_in_while_one_guesses_at_many()
    {
        for (var i = 0; i < 100; i++) Guesses($"user{i}@one.test", Elsewhere, 20);
        for (var i = 0; i < 100; i++)
        {
            Assert.True(_guard.TryBegin($"newcomer{i}@one.test", Elsewhere), $"newcomer {i}");
            _guard.Succeeded($"newcomer{i}@one.test", Elsewhere);
        }
    }

    [Fact]
    public void Many_addresses_together_guess_slowly_too_and_the_owner_gets_in_from_wherever_she_is()
    {
        _guard.Succeeded(Ann, Home);
        var guesses = Enumerable.Range(1, 1000).Sum(i => Guesses(Ann, IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"203.0.{i / 250}.{i % 250}")), 20));
        Assert.InRange(guesses, 1000, 1100);
        Assert.True(_guard.TryBegin(Ann, Elsewhere));
        Assert.Equal(20, Guesses(Ann, Home, 100));
    }

    [Fact]
    public void One_address_guesses_at_many_accounts_slowly()
    {
        var guesses = Enumerable.Range(0, 1000).Sum(i => Guesses($"user{i}@one.test", Elsewhere, 20));
        Assert.Equal(300, guesses);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(10, Enumerable.Range(2000, 1000).Sum(i => Guesses($"user{i}@one.test", Elsewhere, 20)));
        Assert.InRange(_written.Warnings.Count, 1, LimitLog.MostNamed + 1);
    }

    [Fact]
    public void Success_gives_back_what_mistyping_took()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(19, Guesses(Ann, Home, 19));
            Assert.True(_guard.TryBegin(Ann, Home));
            _guard.Succeeded(Ann, Home);
        }

        Assert.Empty(_written.Warnings);
    }

    [Fact]
    public void From_this_machine_only_accounts_count_and_zero_is_no_limit()
    {
        Assert.Equal(20_000, Enumerable.Range(0, 1000).Sum(i => Guesses($"user{i}@one.test", IPAddress.Loopback, 30)));
        Assert.Equal(100_000, Guesses(New(new StreamLimits { FailedLogIns = 0 }), Ann, Home, 100_000));
    }

    private LogInGuard New(StreamLimits limits) => new(limits, new LimitLog(_written, _time), _time);

    private int Guesses(Jid account, IPAddress from, int count) => Guesses(_guard, account, from, count);

    private static int Guesses(LogInGuard guard, Jid account, IPAddress from, int count) => Enumerable.Range(0, count).Count(_ => guard.TryBegin(account, from));
}
