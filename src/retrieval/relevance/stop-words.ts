/** Words that say nothing about what a text is about: function words and question words, Russian and English. */

const RUSSIAN =
  "а без более больше бы был была были было быть в вам вас ведь весь во вот все всего всех вы где да даже для до " +
  "его ее если есть еще ею же за зачем здесь и из или им ими их к как какая какие каким какими каких каков какова " +
  "каково каковы какого какое какой каком какому какую кем ко когда кого ком кому которая которого которое которой " +
  "котором которую которые который которым которыми которых кто куда ли либо между менее меньше меня мне мной мог " +
  "могла могли могло могу могут можем может можете можешь можно мой мы на над надо нам нас насколько наш не него " +
  "нее ней нельзя нем нет нею ни ним ними них но ну о об обо однако он она они оно от откуда отчего очень по под " +
  "пока почему при про с свое своего своей своем своему свои своим своими своих свой свою своя скольким сколькими " +
  "скольких сколько со так такая также такие такое такой там те тебе тебя тем то тобой того тоже той только том тот " +
  "ту ты у уже хотя чего чей чем чему что чтобы чье чьей чьи чьим чьих чью чья эта эти этим этих это этого этой " +
  "этом этот эту я является являлась являлись являлось являлся являются";

const ENGLISH =
  "a about am an and any are as at be been being both but by can can't cannot could couldn't did didn't do " +
  "does doesn't doing don't done for from had has have having he her here hers him his how i i'm if in into " +
  "is isn't it it's its just me my no nor not of on once onto or our out own s she should so some such than " +
  "that the their them then there these they this those through to too us was wasn't we were what what's " +
  "whatever when where which while who who's whom whose why will with won't would you your";

export const STOP_WORDS: ReadonlySet<string> = new Set(`${RUSSIAN} ${ENGLISH}`.split(" "));
