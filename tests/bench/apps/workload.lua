-- SPDX-License-Identifier: MIT
-- What Lua programs do, in small: lua workload.lua ROUNDS. Nothing in it depends on the order of a table's hash or on the
-- machine; the checksum is over all that was computed.

local rounds = tonumber(arg[1] or 60)
local sum = 0

local function mix(v)
	sum = ((sum << 5 | sum >> 27) ~ (v * 0x9e3779b1)) & 0xffffffff
end

local seed = 12345
local function random(n)
	seed = seed * 16807 % 2147483647
	return seed % n
end

-- Objects: accounts in classes that inherit, called through metatables.
local Account = {}
Account.__index = Account

function Account.new(class, balance)
	return setmetatable({ balance = balance, moves = 0 }, class)
end

function Account:deposit(v)
	self.balance = self.balance + v
	self.moves = self.moves + 1
end

function Account:fee() return 1 end

local Saving = setmetatable({}, { __index = Account })
Saving.__index = Saving

function Saving:fee() return self.balance // 100 end

local function objects()
	local all = {}
	for i = 1, 40 do
		all[i] = (i % 3 == 0 and Saving or Account):new(i * 10)
	end
	for i = 1, 2000 do
		local a = all[random(40) + 1]
		a:deposit(i % 17)
		a.balance = a.balance - a:fee()
	end
	local total = 0
	for _, a in ipairs(all) do
		total = total + a.balance * a.moves
	end
	mix(total)
end

-- Strings: words made, counted, upper-cased, formatted, split again.
local function strings()
	local words, count, names = {}, {}, {}
	for i = 1, 300 do
		local letters = {}
		for k = 1, 3 + random(4) do
			letters[k] = string.char(97 + random(6))
		end
		words[i] = table.concat(letters)
	end
	local text = table.concat(words, " ")
	for word in text:gmatch("%a+") do
		if not count[word] then
			count[word] = 0
			names[#names + 1] = word
		end
		count[word] = count[word] + 1
	end
	table.sort(names)
	local lines = {}
	for i, name in ipairs(names) do
		lines[i] = string.format("%-8s %3d %s", name, count[name], name:upper():reverse())
	end
	local report = table.concat(lines, "\n"):gsub("A+", function(a) return #a end)
	for i = 1, #report, 7 do
		mix(report:byte(i))
	end
end

-- Closures, and functions of functions.
local function compose(f, g)
	return function(x) return f(g(x)) end
end

local function closures()
	local function adder(n) return function(x) return x + n & 0xffffff end end
	local f = adder(1)
	for i = 1, 20 do
		f = compose(f, i % 2 == 0 and adder(i) or function(x) return x ~ i end)
	end
	local v = 0
	for _ = 1, 400 do
		v = f(v)
	end
	mix(v)
end

-- Arrays: a matrix, a sort with a comparison of its own, a sieve.
local function arrays()
	local a, n = {}, 16
	for i = 1, n do
		a[i] = {}
		for k = 1, n do
			a[i][k] = random(100)
		end
	end
	local trace = 0
	for i = 1, n do
		for k = 1, n do
			local v = 0
			for j = 1, n do
				v = v + a[i][j] * a[j][k]
			end
			if i == k then trace = trace + v end
		end
	end
	mix(trace)
	local list = {}
	for i = 1, 400 do
		list[i] = { key = random(1000), at = i }
	end
	table.sort(list, function(x, y)
		if x.key ~= y.key then return x.key > y.key end
		return x.at < y.at
	end)
	mix(list[1].at * 1000 + list[400].at)
	local composite, primes = {}, 0
	for i = 2, 1500 do
		if not composite[i] then
			primes = primes + 1
			for k = i * i, 1500, i do
				composite[k] = true
			end
		end
	end
	mix(primes)
end

-- Coroutines that hand numbers on, and numbers with a point.
local function coroutines()
	local function numbers()
		for i = 1, 300 do
			coroutine.yield(i)
		end
	end
	local total = 0.0
	for v in coroutine.wrap(numbers) do
		total = total + math.sqrt(v) * 0.5
	end
	mix(math.floor(total * 1000))
end

for _ = 1, rounds do
	objects()
	strings()
	closures()
	arrays()
	coroutines()
end
print(string.format("lua %08x", sum))
